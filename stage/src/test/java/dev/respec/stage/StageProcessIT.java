package dev.respec.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Runs a stage as the process it is in production. */
class StageProcessIT {
    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    Path directory;

    /** Reads one topic until it is stopped; its arguments are settings. */
    public static final class ReaderProcess implements Stage {
        public static void main(String[] settings) {
            var config = RespecConfig.defaults().withOverrides(List.of(settings));
            System.exit(StageProcess.run(new ReaderProcess(), config));
        }

        @Override
        public String name() {
            return "reader";
        }

        @Override
        public void run(StageContext context) throws InterruptedException {
            try (var consumer = context.events().consumer(TopicCatalogue.ROLLOUTS, ConsumerMode.fromBeginning())) {
                context.onStop(consumer::wakeup);
                context.ready();
                while (!context.stopping()) {
                    consumer.poll(Duration.ofSeconds(60));
                }
            }
            System.out.println("closed in good order");
        }
    }

    @Test
    void shouldServeHealthAndEndInGoodOrderOnSigterm() throws Exception {
        // Given
        int port = freePort();
        var settings = settings("http.port=" + port);
        var process = start(settings);
        try {
            await().atMost(Duration.ofSeconds(90)).until(() -> status(port, "/readyz") == 200);
            assertThat(status(port, "/healthz")).isEqualTo(200);
            assertThat(body(port, "/metrics"))
                    .contains("jvm_memory_used_bytes", "respec_dead_letters_total")
                    .doesNotContain(" NaN\n", "kafka_consumer_fetch_manager_fetch_rate{");

            // When
            process.destroy();

            // Then
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(output()).contains("closed in good order");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void shouldTellCausesApartByExitCode() throws Exception {
        assertThat(exitCode(settings("kafka.bootstrap-servers=127.0.0.1:9"))).isEqualTo(3);
        assertThat(output()).contains("kafka at 127.0.0.1:9 does not answer within 10 s");

        assertThat(exitCode(settings("kafka.topic-prefix=nothing-here-"))).isEqualTo(3);
        assertThat(output()).contains("has no topics nothing-here-dead-letters");

        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(exitCode(settings("http.port=" + taken.getLocalPort()))).isEqualTo(2);
            assertThat(output()).contains("http.port " + taken.getLocalPort() + " on 127.0.0.1 cannot be used");
        }
    }

    @Test
    void shouldTurnWhatIsThrownIntoAnExitCode() {
        assertThat(StageProcess.guard("x", () -> {})).isEqualTo(ExitCode.OK);
        assertThat(StageProcess.guard("x", () -> {
                    throw new BadInputException("data.jsonl line 3: no prompt");
                }))
                .isEqualTo(ExitCode.BAD_INPUT);
        assertThat(StageProcess.guard("x", () -> {
                    throw new OutOfMemoryError();
                }))
                .isEqualTo(ExitCode.FAILED);
    }

    private static List<String> settings(String... more) {
        var settings = new ArrayList<>(cluster.configSettings());
        settings.addAll(List.of(more));
        return settings;
    }

    private int exitCode(List<String> settings) throws Exception {
        var process = start(settings);
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private Process start(List<String> settings) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                ReaderProcess.class.getName()));
        command.addAll(settings);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile())
                .start();
    }

    private String output() throws IOException {
        return Files.readString(directory.resolve("output"));
    }

    private static int status(int port, String path) {
        try {
            return get(port, path).statusCode();
        } catch (IOException e) {
            return 0;
        }
    }

    private static String body(int port, String path) throws IOException {
        return get(port, path).body();
    }

    private static HttpResponse<String> get(int port, String path) throws IOException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .build();
        try {
            return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
