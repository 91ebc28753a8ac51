package dev.respec.ops.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.ops.replay.RecordedRun;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A run that is known by the configuration of its cluster alone. */
class ClusterPageIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration MOST = Duration.ofSeconds(60);

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private final List<String> terminal = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void record() {
        RecordedRun.write(cluster.events());
        RecordedEvaluation.write(cluster.events());
    }

    @Test
    void shouldServeTheSameFiguresAsADataFolderOfTheRun() throws Exception {
        try (RunPage page = RunPage.start(
                PageAddress.loopback(0),
                List.of(watched(cluster.configSettings()), RunFolders.watched(RunFolders.finished(folder, cluster))))) {
            for (String question : List.of(
                    "rows/steps",
                    "rows/evaluations",
                    "queries/token-origins",
                    "queries/rewards",
                    "rollouts?order=oldest")) {
                JsonNode local = answer(page, "/api/runs/1/" + question);
                assertThat(local).isNotEmpty();
                assertThat(answer(page, "/api/runs/0/" + question)).as(question).isEqualTo(local);
            }
            JsonNode runs = JSON.readTree(get(page, "/api/runs").body());
            assertThat(runs.path(0).path("run").asText()).isEqualTo(RecordedRun.RUN);
            assertThat(runs.path(0).path("folder").asText()).startsWith("kafka at ");
            assertThat(terminal).isEmpty();

            JsonNode comparison =
                    JSON.readTree(get(page, "/api/compare?run=0&run=1").body());
            assertThat(comparison.path("unknown_settings").toString()).isEqualTo("[0]");
            assertThat(comparison.path("settings")).isEmpty();
        }
    }

    @Test
    void shouldSayOnPageAndTerminalThatTheClusterIsOutOfReach() throws Exception {
        try (RunPage page = RunPage.start(
                PageAddress.loopback(0), List.of(watched(List.of("kafka.bootstrap-servers=127.0.0.1:9"))))) {
            await().atMost(MOST)
                    .untilAsserted(() -> assertThat(
                                    get(page, "/api/runs/0/rows/steps").body())
                            .contains("kafka at 127.0.0.1:9 does not answer within 10 s: start the broker or set"));
            assertThat(terminal).singleElement().asString().contains("kafka at 127.0.0.1:9 does not answer");
        }
    }

    @Test
    void shouldSayThatTheClusterHasNoSuchRun() throws Exception {
        List<String> settings = new ArrayList<>(cluster.configSettings());
        settings.add("run.id=nobody's");
        try (RunPage page = RunPage.start(PageAddress.loopback(0), List.of(watched(settings)))) {
            assertThat(answer(page, "/api/runs/0/rows/steps")).isEmpty();
            assertThat(terminal)
                    .singleElement()
                    .asString()
                    .startsWith("the topics of kafka at ")
                    .contains("hold no record of run 'nobody's'", "correct run.id or --run");
        }
    }

    private WatchedRun watched(List<String> settings) {
        List<String> all = new ArrayList<>(List.of("run.id=" + RecordedRun.RUN));
        all.addAll(settings);
        all.add("run.data-dir=" + folder.resolve("none"));
        return WatchedRun.onCluster(RespecConfig.defaults().withOverrides(all), 100_000, terminal::add);
    }

    private JsonNode answer(RunPage page, String path) throws Exception {
        await().atMost(MOST).until(() -> get(page, path).statusCode() == 200);
        return JSON.readTree(get(page, path).body());
    }

    private HttpResponse<String> get(RunPage page, String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(page.url() + path)).build(), HttpResponse.BodyHandlers.ofString());
    }
}
