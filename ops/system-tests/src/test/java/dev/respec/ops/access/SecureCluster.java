package dev.respec.ops.access;

import dev.respec.ops.broker.EmbeddedBroker;
import dev.respec.topics.embedded.EmbeddedSchemaRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;

/**
 * A broker that lets its users in by TLS with SCRAM only and asks an authorizer about everything they do, and a registry
 * with TLS and a password. The loopback's super user has a listener of his own.
 */
final class SecureCluster implements AutoCloseable {
    static final String PREFIX = "acl-";
    static final String REGISTRY_PASSWORD = "registry-secret";

    private final Path folder;
    private final Certificates certificates;
    private final EmbeddedSchemaRegistry registry;
    private final EmbeddedBroker broker;
    private final int internalPort;

    private SecureCluster(
            Path folder,
            Certificates certificates,
            EmbeddedSchemaRegistry registry,
            EmbeddedBroker broker,
            int internalPort) {
        this.folder = folder;
        this.certificates = certificates;
        this.registry = registry;
        this.broker = broker;
        this.internalPort = internalPort;
    }

    static SecureCluster start(Path folder) throws IOException, InterruptedException, GeneralSecurityException {
        var certificates = Certificates.make(folder);
        var credentials = "registry-user:" + REGISTRY_PASSWORD;
        var registry = EmbeddedSchemaRegistry.start(
                "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)),
                certificates.server());
        Files.writeString(folder.resolve("registry-password"), REGISTRY_PASSWORD + "\n");
        int client = freePort();
        int internal = freePort();
        int controller = freePort();
        var settings = Map.ofEntries(
                Map.entry(
                        "listeners",
                        "SECURE://127.0.0.1:%d,INTERNAL://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d"
                                .formatted(client, internal, controller)),
                Map.entry(
                        "advertised.listeners",
                        "SECURE://127.0.0.1:%d,INTERNAL://127.0.0.1:%d".formatted(client, internal)),
                Map.entry("controller.quorum.voters", "1@127.0.0.1:" + controller),
                Map.entry("listener.security.protocol.map", "SECURE:SASL_SSL,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT"),
                Map.entry("inter.broker.listener.name", "INTERNAL"),
                Map.entry("sasl.enabled.mechanisms", "SCRAM-SHA-512"),
                Map.entry(
                        "listener.name.secure.scram-sha-512.sasl.jaas.config",
                        "org.apache.kafka.common.security.scram.ScramLoginModule required;"),
                Map.entry("ssl.keystore.type", "PKCS12"),
                Map.entry("ssl.keystore.location", certificates.keyStore().toString()),
                Map.entry("ssl.keystore.password", certificates.password()),
                Map.entry("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
                Map.entry("super.users", "User:ANONYMOUS"));
        var broker = EmbeddedBroker.start(folder.resolve("kafka"), client, settings);
        return new SecureCluster(folder, certificates, registry, broker, internal);
    }

    /** Connects past the authorizer. */
    Admin superUser() {
        return Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + internalPort));
    }

    /** Settings of the super user; the registry lets in whoever has its password. */
    List<String> superUserSettings() {
        return settings("127.0.0.1:" + internalPort);
    }

    void addUser(String name) throws Exception {
        var password = password(name).getBytes(StandardCharsets.UTF_8);
        var info = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096);
        List<UserScramCredentialAlteration> added = List.of(new UserScramCredentialUpsertion(name, info, password));
        try (var admin = superUser()) {
            admin.alterUserScramCredentials(added).all().get();
        }
    }

    static String password(String user) {
        return user + "-secret";
    }

    /** Settings of the configuration with which a process connects as this user; secrets are in files. */
    List<String> settings(String user, String password) throws IOException {
        var file = folder.resolve(user + ".properties");
        Files.writeString(file, """
                security.protocol=SASL_SSL
                sasl.mechanism=SCRAM-SHA-512
                sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \\
                  username="%s" password="%s";
                ssl.truststore.type=PEM
                ssl.truststore.location=%s
                """.formatted(user, password, certificates.trusted()));
        var settings = new ArrayList<>(settings(broker.bootstrapServers()));
        settings.add("kafka.properties-file=" + file);
        return settings;
    }

    private List<String> settings(String bootstrapServers) {
        return List.of(
                "kafka.bootstrap-servers=" + bootstrapServers,
                "kafka.topic-prefix=" + PREFIX,
                "registry.urls=" + registry.url(),
                "registry.username=registry-user",
                "registry.password-file=" + folder.resolve("registry-password"),
                "registry.trusted-certificates=" + certificates.trusted());
    }

    @Override
    public void close() {
        broker.close();
        registry.close();
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
