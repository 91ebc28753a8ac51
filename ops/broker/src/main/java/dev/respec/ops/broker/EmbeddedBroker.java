package dev.respec.ops.broker;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One KRaft node, broker and controller, on the loopback interface. Data lives under one folder and is there again after
 * a restart on it. Returned from {@link #start} it serves clients. Thread-safe; one at a time in a process, because
 * Kafka's way to report a fatal fault is one for the process.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EmbeddedBroker.class);
    private static final int NODE_ID = 1;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    /** Coordinators end what they know of within seconds of a start. */
    private static final Duration RECOVERY_LOOK = Duration.ofSeconds(3);

    private static final int RECOVERY_LOOKS = 20;

    private final KafkaRaftServer server;
    private final int port;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread recovery = new Thread(this::endHangingTransactions, "broker-recovery");
    private volatile @Nullable String fault;
    private boolean closed;

    private EmbeddedBroker(KafkaRaftServer server, int port) {
        this.server = server;
        this.port = port;
    }

    /**
     * @param dataDir made and formatted if it is new
     * @param port 0 takes a free one
     * @param overrides broker settings over the ones here
     * @throws EmbeddedBrokerException if the port is taken, another broker uses the folder, or Kafka refuses a setting
     */
    public static EmbeddedBroker start(Path dataDir, int port, Map<String, String> overrides) {
        int clientPort = port == 0 ? freePort() : requireFree(port);
        var directory = dataDir.toAbsolutePath().normalize();
        var settings = new HashMap<>(EmbeddedBrokerSettings.of(directory, NODE_ID, clientPort, freePort()));
        settings.putAll(overrides);
        boolean used = Files.exists(directory.resolve("meta.properties"));
        format(directory);
        requireUnused(directory);
        var config = new KafkaConfig(settings);
        var server = new KafkaRaftServer(config, Time.SYSTEM);
        var broker = new EmbeddedBroker(server, clientPort);
        Exit.setExitProcedure(broker::faulted);
        Exit.setHaltProcedure(broker::faulted);
        try {
            server.startup();
        } catch (Throwable e) { // Kafka throws checked exceptions that Scala does not declare
            broker.close();
            throw new EmbeddedBrokerException("broker: cannot start on %s: %s".formatted(directory, rootMessage(e)), e);
        }
        if (used) {
            broker.recover();
        }
        return broker;
    }

    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    /**
     * Returns when the broker is closed.
     *
     * @throws EmbeddedBrokerException if it ended by a fault of its own, a full disk for example
     */
    public void awaitClose() throws InterruptedException {
        stopped.await();
        if (fault != null) {
            throw new EmbeddedBrokerException("broker: " + fault, null);
        }
    }

    /** Takes less than a second in good order; what hangs after a failed start is left behind. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        recovery.interrupt();
        var shutdown = new Thread(
                () -> {
                    server.shutdown();
                    server.awaitShutdown();
                },
                "broker-shutdown");
        shutdown.setDaemon(true);
        shutdown.start();
        try {
            shutdown.join(CLOSE_TIMEOUT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        stopped.countDown();
    }

    private void recover() {
        recovery.setDaemon(true);
        recovery.start();
    }

    private void endHangingTransactions() {
        try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()))) {
            new HangingTransactions(admin).watch(RECOVERY_LOOK, RECOVERY_LOOKS);
        }
    }

    /** Kafka calls this instead of ending the virtual machine. */
    private void faulted(int status, @Nullable String message) {
        fault = "fatal fault, status " + status + (message == null ? ": its log says why" : ": " + message);
        log.atError().addKeyValue("status", status).log("Broker ends by a fatal fault");
        stopped.countDown();
    }

    private static void format(Path directory) {
        if (Files.exists(directory.resolve("meta.properties"))) {
            return;
        }
        var output = new ByteArrayOutputStream();
        try {
            Files.createDirectories(directory);
            new Formatter()
                    .setNodeId(NODE_ID)
                    .setClusterId(Uuid.randomUuid().toString())
                    .setControllerListenerName(EmbeddedBrokerSettings.CONTROLLER_LISTENER)
                    .setMetadataLogDirectory(directory.toString())
                    .addDirectory(directory.toString())
                    .setPrintStream(new PrintStream(output, true, StandardCharsets.UTF_8))
                    .run();
        } catch (Exception e) {
            throw new EmbeddedBrokerException("broker: cannot format %s: %s".formatted(directory, rootMessage(e)), e);
        }
        log.atDebug().log(output.toString(StandardCharsets.UTF_8).strip());
    }

    /** Kafka notices this too, but only half started, and then takes minutes to stop. */
    private static void requireUnused(Path directory) {
        var lock = directory.resolve(".lock");
        try (var channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var held = channel.tryLock()) {
            if (held != null) {
                return;
            }
        } catch (OverlappingFileLockException e) {
            log.atDebug().addKeyValue("lock", lock).log("Held by a broker in this process");
        } catch (IOException e) {
            throw new EmbeddedBrokerException("broker: cannot lock %s: %s".formatted(lock, e), e);
        }
        throw new EmbeddedBrokerException(
                "broker: %s is in use by another broker: stop it, or choose another data folder".formatted(directory),
                null);
    }

    private static int requireFree(int port) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return port;
        } catch (IOException e) {
            throw new EmbeddedBrokerException(
                    "broker: port %d is taken (%s): stop what listens there, or choose another port, 0 for a free one"
                            .formatted(port, e.getMessage()),
                    e);
        }
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new EmbeddedBrokerException("broker: no free port: " + e.getMessage(), e);
        }
    }

    private static String rootMessage(Throwable error) {
        var cause = error;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}
