package dev.respec.ops.dashboards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.respec.controller.ControllerMetrics;
import dev.respec.learner.LearnerMeters;
import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.EvaluationMode;
import dev.respec.schemas.PolicyEvaluation;
import dev.respec.schemas.SpeculationSetting;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.schemas.TrustedEvents;
import dev.respec.schemas.WorkerState;
import dev.respec.schemas.WorkerStatus;
import dev.respec.scorer.RewardTimes;
import dev.respec.scorer.ScorerMetrics;
import dev.respec.scorer.judge.JudgeErrors;
import dev.respec.stage.Stage;
import dev.respec.stage.StageContext;
import dev.respec.stage.StageProcess;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import dev.respec.trainer.EvaluationMeters;
import dev.respec.trainer.TrainerMeters;
import dev.respec.worker.IntakeMeters;
import dev.respec.worker.WorkerMeters;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Dashboards and alerts against what the endpoint of a process serves that has the meters of all stages. */
class DashboardsIT {
    private static final Path FOLDER = Path.of("dashboards");
    private static final Set<String> PROMETHEUS_OWN = Set.of("up");
    private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
    private static final Set<String> LANGUAGE = Set.of(
            "sum",
            "rate",
            "increase",
            "changes",
            "max",
            "max_over_time",
            "scalar",
            "count",
            "and",
            "histogram_quantile");

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    private static Set<String> served = Set.of();
    private static String text = "";
    private static String all = "";

    static {
        TrustedEvents.trust();
    }

    @BeforeAll
    static void serve() throws IOException {
        int port;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        List<String> settings = new ArrayList<>(cluster.configSettings());
        settings.add("http.port=" + port);
        var stage = new EveryMeter(
                port,
                page -> page.contains("kafka_consumer_fetch_manager_records_lag{")
                        && page.contains("respec_queue_lag{topic=\"rollout-requests\"} 0.0"));
        assertThat(StageProcess.run(stage, RespecConfig.load(null, Map.of(), settings)))
                .isZero();
        text = stage.text;
        served = text.lines()
                .map(line -> line.replaceFirst("^# TYPE ", "")) // declares what has no value yet
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split("[{ ]", 2)[0])
                .collect(Collectors.toSet());
        settings.add("http.metrics=all");
        var everything = new EveryMeter(port, page -> page.lines().anyMatch(DashboardsIT::isOfTheQueue));
        assertThat(StageProcess.run(everything, RespecConfig.load(null, Map.of(), settings)))
                .isZero();
        all = everything.text;
    }

    @Test
    void shouldShowOnlyMetricsThatTheStagesHave() throws IOException {
        JsonNode dashboard =
                new ObjectMapper().readTree(FOLDER.resolve("respec.json").toFile());
        List<String> expressions = dashboard.findValuesAsText("expr");

        assertThat(expressions).hasSizeGreaterThan(30);
        assertThat(metrics(expressions)).isSubsetOf(served);
    }

    @Test
    void shouldAlertOnlyOnMetricsThatTheStagesHave() throws IOException {
        JsonNode alerts = yaml("alerts.yml");
        List<String> expressions = alerts.findValuesAsText("expr");

        assertThat(expressions).hasSize(alerts.findValuesAsText("alert").size()).hasSizeGreaterThan(5);
        assertThat(metrics(expressions)).isSubsetOf(served);
        assertThat(alerts.findValuesAsText("summary")).hasSameSizeAs(expressions);
    }

    /** Percentiles, timeouts and the parts of a reward: each is a label of what the scorer serves. */
    @Test
    void shouldShowWhatRewardsTakeByPart() {
        assertThat(text.lines())
                .anyMatch(line -> line.startsWith("respec_scorer_reward_seconds{part=\"judge\",quantile=\"0.95\"} "))
                .anyMatch(line -> line.startsWith("respec_scorer_reward_seconds_count{part=\"judge\"} 1"))
                .anyMatch(line ->
                        line.startsWith("respec_scorer_judge_errors_total{part=\"judge\",reason=\"timeout\"} 0"))
                .anyMatch(line -> line.startsWith("respec_scorer_rollouts_total{result=\"unscored\"} 0"));
    }

    @Test
    void shouldScrapeEveryStage() throws IOException {
        assertThat(yaml("prometheus.yml").findValuesAsText("job_name"))
                .containsExactlyInAnyOrder(
                        "rollout-worker", "reward-scorer", "sd-controller", "drafter-learner", "trainer");
        assertThat(yaml("prometheus.yml").findValue("rule_files").get(0).asText())
                .isEqualTo("alerts.yml");
        assertThat(FOLDER.resolve("alerts.yml")).exists();
    }

    @Test
    void shouldServeNoSampleWithoutAValueAndOfKafkaOnlyTheSelection() {
        assertThat(text.lines()).noneMatch(line -> !line.startsWith("#") && line.endsWith(" NaN"));
        assertThat(served)
                .filteredOn(name -> name.startsWith("kafka_"))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(Files.readString(Path.of("../docs/METRICS.md")))
                        .contains("`" + name + "`"));
    }

    @Test
    void shouldServeTheClientsOfTheQueueWhereAllMetricsAreAskedFor() {
        assertThat(all.lines()).anyMatch(DashboardsIT::isOfTheQueue);
    }

    private static boolean isOfTheQueue(String line) {
        return line.startsWith("kafka_consumer_")
                && line.contains("client_id=\"rollout-worker-")
                && line.contains("-queue.");
    }

    @Test
    void shouldServeTheLagOfTheQueueAndOfConsumers() {
        assertThat(text.lines())
                .anyMatch(line -> line.startsWith("respec_queue_lag{topic=\"rollout-requests\"} 0.0"))
                .anyMatch(line -> line.startsWith("kafka_consumer_fetch_manager_records_lag{")
                        && line.contains("-worker-status\""));
    }

    /** Names that are no functions, labels, strings or numbers. */
    private static Set<String> metrics(List<String> expressions) {
        Set<String> names = new TreeSet<>();
        for (String expression : expressions) {
            String bare = expression
                    .replaceAll("\\{[^}]*}", "")
                    .replaceAll("\\[[^]]*]", "")
                    .replaceAll("\\b(by|without|on|ignoring) *\\([^)]*\\)", "");
            NAME.matcher(bare).results().map(found -> found.group()).forEach(names::add);
        }
        names.removeAll(LANGUAGE);
        names.removeAll(PROMETHEUS_OWN);
        assertThat(names).isNotEmpty();
        return names;
    }

    private static JsonNode yaml(String name) throws IOException {
        return new ObjectMapper(new YAMLFactory()).readTree(Files.readString(FOLDER.resolve(name)));
    }

    /** Registers what all stages register, uses a client of each kind, and reads the endpoint. */
    private static final class EveryMeter implements Stage {
        private final int port;
        private final Predicate<String> isComplete;
        private String text = "";

        /** @param isComplete whether a page has what is asked for */
        EveryMeter(int port, Predicate<String> isComplete) {
            this.port = port;
            this.isComplete = isComplete;
        }

        @Override
        public String name() {
            return "rollout-worker";
        }

        @Override
        public void run(StageContext context) {
            var registry = context.metrics();
            new WorkerMeters(registry);
            new IntakeMeters(registry, () -> 0);
            new ScorerMetrics(registry);
            new JudgeErrors(registry, "judge");
            new RewardTimes(registry, Duration.ofSeconds(1), Clock.systemUTC()).record("judge", 1_000_000);
            new LearnerMeters(registry);
            TrainerMeters.register(registry);
            new EvaluationMeters(registry)
                    .update(PolicyEvaluation.newBuilder()
                            .setRunId("run")
                            .setStep(0)
                            .setPolicyVersion(0)
                            .setDataSet("arithmetic")
                            .setMode(EvaluationMode.GREEDY)
                            .setSamples(1)
                            .setPrompts(1)
                            .setRefusedPrompts(0)
                            .setUnansweredPrompts(0)
                            .setRepeatedRequests(0)
                            .setMetrics(Map.of("pass@1", 1.0))
                            .setTokens(1)
                            .setRequestIds(List.of())
                            .setStartedAt(Instant.EPOCH)
                            .setFinishedAt(Instant.EPOCH)
                            .build());
            var controller = new ControllerMetrics(registry);
            controller.collapsed("suffix");
            var setting = new SpeculationSetting("suffix", 4, 1, 4);
            controller.published(new SpeculationSettings(
                    "policy",
                    "cpu",
                    1L,
                    Instant.EPOCH,
                    List.of(new BatchSetting(4, setting, 1.0, 1.0, "argmax", List.of())),
                    "run",
                    "cpu-float32",
                    List.of()));
            controller.declined("eagle3");
            controller.standing(Map.of(new ControllerMetrics.Alarmed("eagle3", "decline"), 3L));
            try (var producer = context.events().producer();
                    var consumer =
                            context.events().consumer(TopicCatalogue.WORKER_STATUS, ConsumerMode.fromBeginning());
                    var queue = context.events().queue(TopicCatalogue.ROLLOUT_REQUESTS, TopicCatalogue.WORKER_GROUP)) {
                producer.sendAndWait(TopicCatalogue.WORKER_STATUS, "w", status(setting));
                await().atMost(Duration.ofSeconds(90)).until(() -> {
                    consumer.poll(Duration.ofMillis(50));
                    queue.poll(Duration.ofMillis(50));
                    text = scrape();
                    return isComplete.test(text);
                });
            }
        }

        private String scrape() throws IOException, InterruptedException {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                    .build();
            return HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofString())
                    .body();
        }

        private static WorkerStatus status(SpeculationSetting setting) {
            return WorkerStatus.newBuilder()
                    .setRunId("run")
                    .setWorkerId("w")
                    .setState(WorkerState.READY)
                    .setPolicyVersion(0)
                    .setDrafterVersion(0)
                    .setActiveSequences(0)
                    .setWaitingSequences(0)
                    .setSetting(setting)
                    .setSettingsVersion(0)
                    .setTokensPerSecond(0)
                    .setEmittedTokens(0)
                    .setHeartbeatAt(Instant.EPOCH)
                    .build();
        }
    }
}
