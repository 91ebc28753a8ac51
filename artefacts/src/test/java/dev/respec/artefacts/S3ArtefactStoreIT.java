package dev.respec.artefacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.schemas.ArtefactFile;
import dev.respec.schemas.TrustedEvents;
import dev.respec.schemas.WeightUpdate;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ConfigException;
import dev.respec.topics.embedded.SampleEvents;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.BlobStoreContext;
import org.jclouds.blobstore.TransientApiMetadata;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** Against S3Proxy, which checks signatures; the client is ours down to the socket. */
class S3ArtefactStoreIT {
    private static final String BUCKET = "weights";
    private static final long SMALLEST_PART = 5 << 20;

    private static BlobStore blobs;
    private static S3Proxy server;

    @TempDir
    Path directory;

    private Path weights;

    static {
        TrustedEvents.trust();
    }

    @BeforeAll
    static void start() throws Exception {
        blobs = ContextBuilder.newBuilder(new TransientApiMetadata())
                .credentials("identity", "credential")
                .build(BlobStoreContext.class)
                .getBlobStore();
        blobs.createContainerInLocation(null, BUCKET);
        server = S3Proxy.builder()
                .blobStore(blobs)
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V4, "key", "secret")
                .build();
        server.start();
    }

    @AfterAll
    static void stop() throws Exception {
        server.stop();
        blobs.getContext().close();
    }

    @BeforeEach
    void prepare() throws IOException {
        weights = Files.createDirectory(directory.resolve("weights"));
        Files.writeString(weights.resolve("model.safetensors"), "abc");
        Files.writeString(weights.resolve("config.json"), "{}");
    }

    @Test
    void shouldFetchWhatWasPut() {
        var stored = store("secret").put("policy/run/000001", weights);

        assertThat(stored.uri()).isEqualTo("s3://weights/team/policy/run/000001");
        assertThat(stored.files())
                .extracting(ArtefactFile::getName)
                .containsExactly("config.json", "model.safetensors");
        var fetched = store("secret").fetch(update(stored.uri(), stored.files()), directory.resolve("cache"));
        assertThat(fetched.resolve("model.safetensors")).hasContent("abc");
        assertThat(fetched.resolve("config.json")).hasContent("{}");
        assertThat(fetched).startsWith(directory.resolve("cache")).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void shouldSendAgainOnlyWhatDiffers() throws IOException {
        var store = store("secret");
        store.put("again", weights);
        var before = modified("again/config.json");
        Files.writeString(weights.resolve("model.safetensors"), "abcd");

        var stored = store.put("again", weights);

        assertThat(modified("again/config.json")).isEqualTo(before);
        assertThat(store.fetch(update(stored.uri(), stored.files()), directory).resolve("model.safetensors"))
                .hasContent("abcd");
    }

    @Test
    void shouldSendLargeFilesInParts() throws IOException {
        // Given: two parts and a bit
        var bytes = new byte[(int) (2 * SMALLEST_PART + 1000)];
        new Random(1).nextBytes(bytes);
        Files.write(weights.resolve("model.safetensors"), bytes);

        // When
        var stored = store("secret").put("large", weights);

        // Then
        var fetched = store("secret").fetch(update(stored.uri(), stored.files()), directory.resolve("cache"));
        assertThat(fetched.resolve("model.safetensors")).hasBinaryContent(bytes);
    }

    @Test
    void shouldRefuseBytesThatAreNotWhatTheEventSays() {
        var store = store("secret");
        var stored = store.put("changed", weights);
        blobs.putBlob(
                BUCKET,
                blobs.blobBuilder("team/changed/model.safetensors")
                        .payload("xyz")
                        .build());

        assertThatThrownBy(() -> store.fetch(update(stored.uri(), stored.files()), directory.resolve("cache")))
                .isInstanceOf(ArtefactException.class)
                .hasMessageMatching("artefact POLICY version 1: s3://weights/team/changed/model.safetensors has 3 bytes"
                        + " and SHA-256 [0-9a-f]{64}, its event says 3 and ba7816bf[0-9a-f]{56}");
        assertThat(directory.resolve("cache/team/changed/model.safetensors")).doesNotExist();
    }

    @Test
    void shouldRepairACacheThatWasDamaged() throws IOException {
        var store = store("secret");
        var stored = store.put("cached", weights);
        var update = update(stored.uri(), stored.files());
        var folder = store.fetch(update, directory.resolve("cache"));
        Files.writeString(folder.resolve("model.safetensors"), "ab");

        assertThat(store.fetch(update, directory.resolve("cache")).resolve("model.safetensors"))
                .hasContent("abc");
    }

    @Test
    void shouldDeleteAllFilesOfANameAndNoOther() {
        var store = store("secret");
        store.put("old/1", weights);
        var kept = store.put("old/10", weights);

        store.delete("old/1");
        store.delete("never-there");

        assertThat(blobs.blobExists(BUCKET, "team/old/1/config.json")).isFalse();
        assertThat(store.fetch(update(kept.uri(), kept.files()), directory)).exists();
    }

    @Test
    void shouldFollowOnlyUrisBelowItsRoot() {
        var store = store("secret");
        var files = List.of(new ArtefactFile("model.safetensors", 3L, "0"));
        for (var uri : List.of(
                "s3://other/team/policy/1",
                "s3://weights/policy/1",
                "s3://weights/team/../policy/1",
                "s3://weights/team//policy",
                "s3://weights/teammate/policy",
                "file:/etc",
                "no uri")) {
            assertThatThrownBy(() -> store.fetch(update(uri, files), directory))
                    .as(uri)
                    .isInstanceOf(BadInputException.class)
                    .hasMessageContaining("is not below s3://weights/team/");
        }
        assertThatThrownBy(() -> store.fetch(
                        update("s3://weights/team/policy", List.of(new ArtefactFile("model.pt", 3L, "0"))), directory))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("never pickles");
    }

    @Test
    void shouldSayInOneLineWhatAPersonMustChange() {
        assertThatThrownBy(() -> store("wrong").put("policy/1", weights))
                .isInstanceOf(BadInputException.class)
                .hasMessageMatching("artefact policy/1: s3://weights at http://127.0.0.1:\\d+ refuses access"
                        + " \\([^)]+\\): check the credentials .*");
        assertThatThrownBy(() -> store("secret", "missing", port()).put("policy/1", weights))
                .isInstanceOf(BadInputException.class)
                .hasMessageMatching(
                        "artefact policy/1: bucket missing does not exist in s3://missing at .*: create it, .*");
        assertThatThrownBy(() -> store("secret", BUCKET, 9).put("policy/1", weights))
                .isInstanceOf(ArtefactException.class)
                .hasMessageMatching(
                        "artefact policy/1: s3://weights at http://127.0.0.1:9 cannot be reached \\(.*\\): .*");
        assertThatThrownBy(() -> store("secret")
                        .fetch(
                                update(
                                        "s3://weights/team/gone",
                                        List.of(new ArtefactFile("model.safetensors", 3L, "0"))),
                                directory))
                .isInstanceOf(ArtefactException.class)
                .hasMessageMatching("artefact POLICY version 1: s3://weights at .* does not have it .*");
        assertThatThrownBy(() -> S3Location.parse("s3://B", "")).isInstanceOf(ConfigException.class);
    }

    private static int port() {
        return server.getPort();
    }

    private static S3ArtefactStore store(String secret) {
        return store(secret, BUCKET, port());
    }

    private static S3ArtefactStore store(String secret, String bucket, int port) {
        var endpoint = "http://127.0.0.1:" + port;
        var client = S3Client.builder()
                .endpointOverride(URI.create(endpoint))
                .forcePathStyle(true)
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("key", secret)))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .build();
        return new S3ArtefactStore(
                S3Location.parse("s3://" + bucket + "/team/", endpoint), client, new S3Uploads(client, SMALLEST_PART));
    }

    private static Object modified(String name) {
        return blobs.blobMetadata(BUCKET, "team/" + name).getLastModified();
    }

    private static WeightUpdate update(String uri, List<ArtefactFile> files) {
        return SampleEvents.policyUpdate("run", 1, uri, files).build();
    }
}
