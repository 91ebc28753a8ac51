package dev.respec.ops.exports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.respec.ops.audit.Runs;
import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.cluster.FolderLock;
import dev.respec.ops.cluster.Installation;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.cluster.RunFile;
import dev.respec.ops.exports.mlflow.MlflowServer;
import dev.respec.ops.exports.run.TargetUnavailableException;
import dev.respec.ops.exports.tensorboard.EventFile;
import dev.respec.ops.replay.RecordedRun;
import dev.respec.schemas.TrainingStep;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import dev.respec.stage.tracing.OtlpReceiver;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The recorded run: two steps of two groups of two rollouts; expected values follow from how it is made. */
@SuppressWarnings("NullAway") // the cluster asks nothing of the context that JUnit would give it
class ExporterIT {
    /** Topics of their own for every test. */
    private final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    private Path root;

    private final OtlpReceiver collector = OtlpReceiver.start();
    private final MlflowServer mlflow = MlflowServer.start();
    private DataFolder folder;
    private FolderLock lock;

    @BeforeEach
    void beginARun() throws IOException {
        cluster.beforeAll(null);
        folder = new DataFolder(root.resolve("data"));
        folder.create();
        RunFile.begin(RecordedRun.RUN, 17, 2, RecordedRun.START).write(folder.runFile());
        List<String> settings = new ArrayList<>(cluster.configSettings());
        settings.add("run.id=" + RecordedRun.RUN);
        settings.add("run.data-dir=" + folder.root());
        Files.writeString(
                folder.configuration(),
                RespecConfig.load(null, Map.of(), settings).toYamlWithSecrets());
        lock = FolderLock.tryAcquire(folder).orElseThrow();
        RecordedRun.write(cluster.events());
    }

    @AfterEach
    void stop() {
        lock.close();
        collector.close();
        mlflow.close();
        cluster.afterAll(null);
    }

    @Test
    void shouldBringEveryTargetTheSameValues() throws Exception {
        export(Exporter.Until.NOW);

        assertThat(scalar("train/reward_mean", 1)).isEqualTo(0.25);
        assertThat(scalar("train/reward_mean", 2)).isEqualTo(0.5);
        assertThat(scalar("time/step_seconds", 2)).isEqualTo(20);
        // two tokens in two milliseconds, then six in four
        assertThat(scalar("generation/tokens_per_second", 1)).isEqualTo(1000);
        assertThat(scalar("generation/tokens_per_second", 2)).isEqualTo(1500);
        assertThat(scalar("generation/active_batch_mean", 2)).isEqualTo(1.5);
        assertThat(scalar("speculation/acceptance_length_off", 1)).isEqualTo(1);
        assertThat(values("rollouts/response_length", 1))
                .singleElement()
                .satisfies(value -> assertThat(value.count()).isEqualTo(4));
        assertThat(values("rollouts/samples", 2).get(0).text())
                .contains("**run-1/3/1**, reward 3.0", "    line\n    and \"quotes\"");

        MlflowServer.Run run = mlflow.runs().values().iterator().next();
        assertThat(run.metrics())
                .containsEntry(
                        "train/reward_mean@2@"
                                + RecordedRun.START.plusSeconds(40).toEpochMilli(),
                        0.5);
        assertThat(run.parameters()).containsEntry("trainer.group-size", "8");
        assertThat(run.status()).isEqualTo("RUNNING");

        Metric reward = metric("respec.train.reward_mean", 1);
        assertThat(reward.getGauge().getDataPoints(0).getAsDouble()).isEqualTo(0.5);
        assertThat(reward.getGauge().getDataPoints(0).getTimeUnixNano())
                .isEqualTo(RecordedRun.START.plusSeconds(40).toEpochMilli() * 1_000_000);
        var lengths =
                metric("respec.rollouts.response_length", 0).getHistogram().getDataPoints(0);
        assertThat(lengths.getCount()).isEqualTo(4); // 1, 2, 2 and 3 tokens
        assertThat(lengths.getSum()).isEqualTo(8);
        assertThat(lengths.getBucketCountsList()).startsWith(1L, 2L, 1L, 0L);
    }

    @Test
    void shouldGoOnWhereItEnded() throws Exception {
        export(Exporter.Until.NOW);
        int points = collector.metrics().size();
        addStep(3);

        export(Exporter.Until.NOW);

        assertThat(EventFile.read(eventFile()))
                .filteredOn(value -> value.tag().equals("train/reward_mean"))
                .extracting(EventFile.Value::step)
                .containsExactly(1L, 2L, 3L);
        assertThat(collector.metrics().subList(points, collector.metrics().size()))
                .filteredOn(received -> received.metric().getName().equals("respec.train.reward_mean"))
                .hasSize(1);
        assertThat(mlflow.runs()).hasSize(1);
    }

    @Test
    void shouldFollowARunToItsEndAndKeepOneTargetsTroubleFromTheOthers() throws Exception {
        CompletableFuture<Exception> ended = new CompletableFuture<>();
        Thread exporting = new Thread(() -> {
            try {
                export(Exporter.Until.END);
                ended.complete(null);
            } catch (Exception e) {
                ended.complete(e);
            }
        });
        exporting.start();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> Files.exists(eventFile()) && scalar("train/reward_mean", 1) == 0.25);
        collector.answerWith(400); // the sender tries other errors again by itself
        addStep(3);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> !values("train/reward_mean", 3).isEmpty());
        collector.answerWith(200);
        Files.writeString(folder.summary(), "{\"evaluation\": {\"after\": {\"sampled_pass_at_1\": 0.75}}}");
        Files.writeString(Files.createDirectories(folder.finalPolicy()).resolve("README.md"), "card");

        RunFile.read(folder.runFile())
                .orElseThrow()
                .after(1, RunFile.Status.FINISHED)
                .write(folder.runFile());

        await().atMost(Duration.ofSeconds(60)).until(ended::isDone);
        assertThat(ended.get()).isNull();
        assertThat(scalar("result/after/sampled_pass_at_1", 3)).isEqualTo(0.75);
        assertThat(metric("respec.train.reward_mean", 2)
                        .getGauge()
                        .getDataPoints(0)
                        .getAsDouble())
                .isCloseTo(0.75, within(1e-12));
        assertThat(mlflow.runs().values())
                .singleElement()
                .satisfies(run -> assertThat(run.status()).isEqualTo("FINISHED"));
        assertThat(mlflow.artefacts()).containsOnlyKeys("1/id0/artifacts/policy-final/README.md");
    }

    @Test
    void shouldSayWhichTargetDoesNotAnswer() {
        String nowhere = collector.address();
        collector.close();

        assertThatThrownBy(() -> export(Exporter.Until.NOW))
                .isInstanceOf(TargetUnavailableException.class)
                .hasMessageStartingWith(
                        "metrics.otlp (--otlp) leads to " + nowhere + "/v1/metrics, but nothing answers");
        assertThatThrownBy(() -> ExportTargets.requireUsable(
                        RespecConfig.load(null, Map.of(), List.of("tracing.otlp=" + mlflow.address())), Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("tracing.otlp leads to " + mlflow.address() + "/v1/traces, but it answers 404");
    }

    private void export(Exporter.Until until) throws InterruptedException {
        RespecConfig config = RespecConfig.load(
                null,
                Map.of(),
                List.of(
                        "run.data-dir=" + folder.root(),
                        "metrics.tensorboard=" + root.resolve("tb"),
                        "metrics.mlflow=" + mlflow.address(),
                        "metrics.otlp=" + collector.address()));
        try (ExportTargets targets = ExportTargets.open(config, Map.of(), line -> {})) {
            RunAccess access = new RunAccess(config, new Installation(root.resolve("installation")));
            new Exporter(access, config, targets, line -> {}).run(until, true);
        }
    }

    private void addStep(long number) {
        TrainingStep step = Runs.step(number, number, 0, 0, List.of(), List.of());
        step.setMetrics(Map.of("reward_mean", number * 0.25));
        try (var producer = cluster.events().producer()) {
            producer.sendAndWait(TopicCatalogue.TRAINING_STEPS, RecordedRun.RUN, step);
        }
    }

    private Path eventFile() {
        return root.resolve("tb").resolve(RecordedRun.RUN).resolve("events.out.tfevents.1767225600.respec");
    }

    private double scalar(String tag, long step) {
        List<EventFile.Value> found = values(tag, step);
        return found.isEmpty() ? Double.NaN : found.get(0).scalar();
    }

    private List<EventFile.Value> values(String tag, long step) {
        return EventFile.read(eventFile()).stream()
                .filter(value -> value.tag().equals(tag) && value.step() == step)
                .toList();
    }

    private Metric metric(String name, int number) {
        return collector.metrics().stream()
                .filter(received -> received.runId().equals(RecordedRun.RUN))
                .map(OtlpReceiver.ReceivedMetric::metric)
                .filter(metric -> metric.getName().equals(name))
                .skip(number)
                .findFirst()
                .orElseThrow();
    }
}
