package dev.respec.ops.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.cluster.FolderLock;
import dev.respec.ops.replay.RecordedRun;
import dev.respec.ops.replay.RunDatabase;
import dev.respec.ops.replay.RunQuery;
import dev.respec.ops.replay.RunTables;
import dev.respec.ops.replay.TransferProgress;
import dev.respec.stage.config.ConfigException;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageAnswersIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    Path folder;

    @BeforeAll
    static void record() {
        RecordedRun.write(cluster.events());
        RecordedEvaluation.write(cluster.events());
        RecordedTrouble.write(cluster.events());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rewards",
                "acceptance-by-version",
                "acceptance-by-position",
                "settings-by-batch",
                "token-origins",
                "token-origins-by-drafter",
                "measured-gains",
                "staleness",
                "longest"
            })
    void shouldAnswerAsTheQueryCommandDoes(String name) throws Exception {
        DataFolder finished = RunFolders.finished(folder.resolve("finished"), cluster);
        DataFolder goingOn = RunFolders.goingOn(folder.resolve("going-on"), cluster);
        JsonNode queried = queried(finished, name);
        try (FolderLock lock = FolderLock.tryAcquire(goingOn).orElseThrow();
                RunPage page = RunPage.start(
                        PageAddress.loopback(0), List.of(RunFolders.watched(finished), RunFolders.watched(goingOn)))) {
            assertThat(lock).isNotNull();
            assertThat(answer(page, "/api/runs/0/queries/" + name)).isEqualTo(queried);
            assertThat(answer(page, "/api/runs/1/queries/" + name)).isEqualTo(queried);
        }
    }

    @Test
    void shouldShowTheStepsThatTheQueryCommandShows() throws Exception {
        DataFolder finished = RunFolders.finished(folder.resolve("finished"), cluster);
        JsonNode queried = queried(
                finished,
                "SELECT step, version, requests, len(dropped_request_ids) AS dropped, metrics, phases,"
                        + " epoch_ms(started_at) AS started, epoch_ms(finished_at) AS finished"
                        + " FROM steps WHERE role = 'POLICY' ORDER BY step");
        try (RunPage page = RunPage.start(PageAddress.loopback(0), List.of(RunFolders.watched(finished)))) {
            assertThat(queried).hasSize(2);
            assertThat(answer(page, "/api/runs/0/rows/steps")).isEqualTo(queried);
        }
    }

    @Test
    void shouldKeepEvaluationsApartFromTraining() throws Exception {
        DataFolder finished = RunFolders.finished(folder, cluster);
        try (RunPage page = RunPage.start(PageAddress.loopback(0), List.of(RunFolders.watched(finished)))) {
            JsonNode training = answer(page, "/api/runs/0/rollouts");
            JsonNode evaluations = answer(page, "/api/runs/0/rollouts?purpose=evaluation&step=2");

            assertThat(training.path("total").asInt()).isEqualTo(8);
            assertThat(answer(page, "/api/runs/0/rollouts?purpose=")
                            .path("total")
                            .asInt())
                    .isEqualTo(8);
            assertThat(evaluations.path("rows").findValuesAsText("rollout_id"))
                    .containsExactly("run-1/evaluation/2/sums/sampled/0/0/0", "run-1/evaluation/2/sums/sampled/0/0/1");
            assertThat(evaluations.path("rows").findValues("advantage")).allMatch(JsonNode::isNull);
            JsonNode rollout = answer(page, "/api/runs/0/rollout?id=run-1/evaluation/2/sums/sampled/0/0/1");
            assertThat(rollout.path("advantage").isNull()).isTrue();
            assertThat(rollout.path("step").asInt()).isEqualTo(2);
            assertThat(rollout.path("group").findValues("advantage")).hasSize(2).allMatch(JsonNode::isNull);
            assertThat(get(page, "/api/runs/0/rollouts?purpose=fun").body())
                    .isEqualTo("rollouts: purpose is 'fun': give one of training, evaluation");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "order=best", "order=longest", "response=line&order=oldest"})
    void shouldTurnThePagesOfOneResult(String asked) throws Exception {
        DataFolder finished = RunFolders.finished(folder, cluster);
        try (RunPage page = RunPage.start(PageAddress.loopback(0), List.of(RunFolders.watched(finished)))) {
            JsonNode first = answer(page, "/api/runs/0/rollouts?" + asked);
            JsonNode again = answer(page, "/api/runs/0/rollouts?" + asked);
            JsonNode beyond = answer(page, "/api/runs/0/rollouts?page=9007199254740993&" + asked);

            assertThat(first.path("rows")).hasSize(8);
            assertThat(again).isEqualTo(first);
            assertThat(beyond.path("total").asInt()).isEqualTo(8);
            assertThat(beyond.path("rows")).isEmpty();
        }
    }

    /** Of the eight rollouts of training, those of three tokens and more have a draft: requests 1 (one), 2 and 3 (both). */
    @Test
    void shouldFindRolloutsByWhatDrafted() throws Exception {
        DataFolder finished = RunFolders.finished(folder, cluster);
        try (RunPage page = RunPage.start(PageAddress.loopback(0), List.of(RunFolders.watched(finished)))) {
            assertThat(answer(page, "/api/runs/0/rollouts?drafted_by=EAGLE3_CHAIN")
                            .path("rows")
                            .findValuesAsText("rollout_id"))
                    .containsExactlyInAnyOrder("run-1/1/1", "run-1/2/0", "run-1/2/1", "run-1/3/0", "run-1/3/1");
            assertThat(answer(page, "/api/runs/0/rollouts?drafted_by=suffix")
                            .path("total")
                            .asInt())
                    .isZero();
            // lengths 1 to 5: one, two twice, three twice, four twice, five
            assertThat(answer(page, "/api/runs/0/queries/token-origins").toString())
                    .isEqualTo("[{\"origin\":\"DRAFTED\",\"drafted_by\":\"EAGLE3_CHAIN\",\"tokens\":10,\"share\":"
                            + 10 / 24.0 + "},{\"origin\":\"PLAIN\",\"drafted_by\":\"NONE\",\"tokens\":9,\"share\":"
                            + 9 / 24.0
                            + "},{\"origin\":\"RECOVERED\",\"drafted_by\":\"EAGLE3_CHAIN\",\"tokens\":5,\"share\":"
                            + 5 / 24.0 + "}]");
        }
    }

    /** An alarm that no longer stands is not shown; the newest round of the learner counts. */
    @Test
    void shouldWarnOfDraftersThatDraftNothingAndOfALearnerThatLearnsNothing() throws Exception {
        DataFolder finished = RunFolders.finished(folder, cluster);
        try (RunDatabase database = new RunDatabase()) {
            database.load(RunFolders.access(finished));

            assertThat(state(finished, database).path("warnings"))
                    .extracting(JsonNode::asText)
                    .containsExactly(
                            "collapse of drafter eagle3 version 7 since 2026-01-01T00:01:00Z: acceptance length 1.02,"
                                    + " before 3.40, rests until 2026-01-01T00:01:30Z",
                            "round 4 of the learner changed no parameter of the drafter, so nothing was published:"
                                    + " see gradient_norm of the round, and lower learner.learning-rate if it is not finite");
        }
    }

    @Test
    void shouldCountTrainingOnly() throws Exception {
        DataFolder finished = RunFolders.finished(folder, cluster);
        try (RunDatabase database = new RunDatabase()) {
            database.load(RunFolders.access(finished));
            JsonNode totals = state(finished, database).path("totals");

            assertThat(totals.path("admitted_groups").asInt()).isEqualTo(1);
            assertThat(totals.path("open_groups").asInt()).isZero();
            assertThat(totals.path("rollouts").asInt()).isEqualTo(8);
        }
    }

    @Test
    void shouldSayWhatCannotBeAsked() throws Exception {
        DataFolder finished = RunFolders.finished(folder, cluster);
        try (RunPage page = RunPage.start(PageAddress.loopback(0), List.of(RunFolders.watched(finished)))) {
            answer(page, "/api/runs/0/rows/steps");

            assertThat(get(page, "/api/runs/0/rollouts?reward_min=high").body())
                    .isEqualTo("rollouts: reward_min is 'high': give a number");
            assertThat(get(page, "/api/runs/0/rollouts?colour=red").body())
                    .startsWith("rollouts: there is no condition 'colour': one of drafted_by, drafter, finish, ");
            assertThat(get(page, "/api/runs/0/rollout?id=none").body()).isEqualTo("the run has no rollout 'none'");
            assertThat(get(page, "/page/..%2F..%2Fsecret.js").statusCode()).isIn(400, 404);
        }
    }

    @Test
    void shouldSayThatAFolderHasNoRunAndThatARunCannotBeRead() throws Exception {
        DataFolder unreadable = new DataFolder(folder.resolve("unreadable"));
        unreadable.create();
        Files.writeString(unreadable.runFile(), "{\"runId\": \"r\", \"ofTheFuture\": 1}");
        WatchedRun none = RunFolders.watched(new DataFolder(folder.resolve("none")));
        try (RunPage page = RunPage.start(PageAddress.loopback(0), List.of(none, RunFolders.watched(unreadable)))) {
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(
                            () -> assertThat(get(page, "/api/runs/0/rows/steps").body())
                                    .contains("no run in " + folder.resolve("none")));
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(
                            () -> assertThat(get(page, "/api/runs/1/rows/steps").body())
                                    .contains("run.json cannot be read (it has the field 'ofTheFuture', which this")
                                    .contains("a newer respec"));
        }
    }

    @Test
    void shouldRefuseAPortInUse() throws Exception {
        try (RunPage first = RunPage.start(PageAddress.loopback(0), List.of())) {
            int port = URI.create(first.url()).getPort();

            assertThatThrownBy(() -> RunPage.start(PageAddress.loopback(port), List.of()))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("127.0.0.1:" + port)
                    .hasMessageContaining("choose another port")
                    .hasCauseInstanceOf(BindException.class); // not the server's own, which it logs
        }
    }

    /** 192.0.2.0/24 is for documentation, RFC 5737: no machine has an address of it. */
    @Test
    void shouldRefuseAnAddressOfAnotherMachine() {
        PageAddress elsewhere = PageAddress.of("192.0.2.1", 0, null);

        assertThatThrownBy(() -> RunPage.start(elsewhere, List.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessage("cannot serve the page at 192.0.2.1: this machine does not have that address;"
                        + " choose one it has, 0.0.0.0 takes all");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "127.0.0.1"})
    void shouldRefuseAnEmptyToken(String host) {
        for (String token : List.of("", " ")) {
            assertThatThrownBy(() -> PageAddress.of(host, 0, token))
                    .isInstanceOf(ConfigException.class)
                    .hasMessage("the page's token is empty: name one, or leave --token out");
        }
    }

    @Test
    void shouldNotShowTheSummaryOfAnEarlierEndWhileARunGoesOn() throws Exception {
        DataFolder finished = RunFolders.finished(folder.resolve("finished"), cluster);
        DataFolder continued = RunFolders.goingOn(folder.resolve("continued"), cluster);
        for (DataFolder each : List.of(finished, continued)) {
            Files.writeString(each.summary(), "{\"steps\": 2}");
        }
        try (FolderLock lock = FolderLock.tryAcquire(continued).orElseThrow();
                RunDatabase nothing = new RunDatabase();
                RunPage page = RunPage.start(
                        PageAddress.loopback(0),
                        List.of(RunFolders.watched(finished), RunFolders.watched(continued)))) {
            assertThat(lock).isNotNull();
            assertThat(state(finished, nothing).path("summary").path("steps").asInt())
                    .isEqualTo(2);
            assertThat(state(continued, nothing).has("summary")).isFalse();
            JsonNode summaries = answer(page, "/api/compare?run=0&run=1").path("summaries");
            assertThat(summaries.path(0).path("steps").asInt()).isEqualTo(2);
            assertThat(summaries.path(1).isNull()).isTrue();
        }
    }

    @Test
    void shouldAskForTheTokenWhereOneIsSet() throws Exception {
        PageAddress address = PageAddress.of("127.0.0.1", 0, "secret");
        try (RunPage page = RunPage.start(address, List.of())) {
            String base = page.url().replace("/?token=secret", "");

            assertThat(page.url()).endsWith("/?token=secret");
            assertThat(status(base + "/api/runs", "Accept", "*/*")).isEqualTo(401);
            assertThat(status(base + "/api/runs", "Authorization", "Bearer wrong"))
                    .isEqualTo(401);
            assertThat(status(base + "/api/runs", "Authorization", "Bearer secret"))
                    .isEqualTo(200);
            assertThat(status(base + "/api/runs", "Cookie", "respec-token=secret"))
                    .isEqualTo(200);
            assertThat(status(page.url(), "Accept", "*/*")).isEqualTo(200);
        }
        assertThat(PageAddress.of("0.0.0.0", 0, null).token()).hasSize(32);
        assertThat(PageAddress.of("127.0.0.1", 0, null).token()).isNull();
    }

    @Test
    void shouldAllowNoOtherHostAndNoScriptInThePage() throws Exception {
        try (RunPage page = RunPage.start(PageAddress.loopback(0), List.of())) {
            HttpResponse<String> answer = get(page, "/");

            assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
                    .startsWith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';")
                    .doesNotContain("unsafe");
            assertThat(answer.body()).doesNotContain("http://").doesNotContain("https://");
        }
    }

    private static JsonNode state(DataFolder folder, RunDatabase database) throws IOException {
        return JSON.readTree(new RunState(new LocalHome(RunFolders.access(folder))).of(database, List.of()));
    }

    private static JsonNode queried(DataFolder finished, String text) throws Exception {
        try (RunQuery query = RunQuery.of(text);
                RunTables tables = new RunTables(query, TransferProgress.silent())) {
            tables.load(RunFolders.access(finished));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            query.json(out);
            return JSON.readTree(out.toByteArray());
        }
    }

    private static JsonNode answer(RunPage page, String path) throws Exception {
        await().atMost(Duration.ofSeconds(60)).until(() -> get(page, path).statusCode() == 200);
        return JSON.readTree(get(page, path).body());
    }

    private static HttpResponse<String> get(RunPage page, String path) throws IOException, InterruptedException {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create(page.url() + path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static int status(String url, String header, String value) throws IOException, InterruptedException {
        return CLIENT.send(
                        HttpRequest.newBuilder(URI.create(url))
                                .header(header, value)
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }
}
