package dev.respec.ops.exports.mlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.ops.exports.run.ExportItem;
import dev.respec.ops.exports.run.RunFacts;
import dev.respec.ops.exports.run.RunOutcome;
import dev.respec.ops.exports.run.TargetUnavailableException;
import dev.respec.stage.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MlflowTargetTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    private Path folder;

    private final MlflowServer server = MlflowServer.start();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void shouldLogSettingsAndMetricsByStepAndMarkTheRunFinished() throws IOException {
        Path policy = Files.createDirectories(folder.resolve("policy-final"));
        Files.writeString(policy.resolve("README.md"), "card");
        Files.writeString(Files.createDirectories(policy.resolve("adapter")).resolve("a b.json"), "{}");
        try (MlflowTarget target = target(Map.of())) {
            assertThat(target.begin(run())).isEmpty();
            target.write(List.of(item(1), evaluation()));
            target.finish(new RunOutcome(
                    new TreeMap<>(Map.of("result/after/sampled_pass_at_1", 0.9)),
                    new TreeMap<>(Map.of("policy-final", policy))));
        }

        MlflowServer.Run run = onlyRun();
        assertThat(run.name()).isEqualTo("run-1");
        assertThat(run.status()).isEqualTo("FINISHED");
        assertThat(run.parameters())
                .containsEntry("trainer.learning-rate", "2.5E-4")
                .hasSize(251);
        assertThat(run.metrics())
                .containsEntry("train/loss@1@1767225601000", 0.5)
                .containsEntry("evaluation/sums/sampled/pass_at_1@0@1767225600000", 0.25);
        assertThat(run.tags()).containsEntry("respec.exported.policy", "1");
        assertThat(server.artefacts())
                .containsOnlyKeys(
                        "1/id0/artifacts/policy-final/README.md", "1/id0/artifacts/policy-final/adapter/a b.json");
    }

    @Test
    void shouldGoOnWithTheSameRunAndLogNothingTwice() {
        try (MlflowTarget target = target(Map.of())) {
            target.begin(run());
            target.write(LongStream.rangeClosed(1, 1500)
                    .mapToObj(MlflowTargetTest::item)
                    .toList());
        }
        try (MlflowTarget target = target(Map.of())) {
            assertThat(target.begin(run())).isEqualTo(Map.of("policy", 1500L));
            target.write(List.of(item(1500), item(1501)));
        }

        assertThat(onlyRun().metrics()).hasSize(1501);
    }

    @Test
    void shouldLetItBeTriedAgainWhileTheServerIsDown() {
        try (MlflowTarget target = target(Map.of())) {
            target.begin(run());
            server.down(true);
            assertThatThrownBy(() -> target.write(List.of(item(1))))
                    .isInstanceOf(TargetUnavailableException.class)
                    .hasMessageContaining("answers 503");
            server.down(false);
            target.write(List.of(item(1)));
        }

        assertThat(onlyRun().metrics()).hasSize(1);
    }

    /** A server refuses a batch for one such name, so that nothing of the run would arrive. */
    @Test
    void shouldSendOnlyNamesAndTextsThatAServerTakes() {
        SortedMap<String, String> settings = new TreeMap<>(Map.of(
                "reward.parts.a@b",
                "1",
                "reward.parts.a_at_b",
                "2",
                "reward.parts.style & tone: élan",
                "0.5",
                "data.template-variables." + "x".repeat(300),
                "y",
                "reward.judge.rubric",
                "\n".repeat(7000)));
        IntStream.range(0, 120).forEach(i -> settings.put("long-" + i, "\u0001".repeat(6000)));
        SortedMap<String, Double> scalars = new TreeMap<>();
        for (String part : List.of("/absolute", "a//b", "..", "../up", "trailing/", "ünïcode", "w".repeat(400))) {
            scalars.put("train/reward_part." + part, 1.0);
        }
        scalars.put("//", 1.0);
        try (MlflowTarget target = target(Map.of())) {
            target.begin(new RunFacts("run-1", START, settings));
            target.write(List.of(new ExportItem(
                    "evaluation/" + "d".repeat(300) + "/sampled",
                    1,
                    START,
                    START,
                    new TreeMap<>(),
                    scalars,
                    new TreeMap<>(),
                    new TreeMap<>())));
        }

        MlflowServer.Run run = onlyRun();
        assertThat(run.parameters())
                .hasSize(125)
                .containsEntry("reward.parts.a_at_b", "1")
                .containsEntry("reward.parts.a_at_b_2", "2")
                .containsEntry("reward.parts.style _ tone_ _lan", "0.5")
                .containsEntry("reward.judge.rubric", "\n".repeat(6000));
        assertThat(run.metrics()).hasSize(scalars.size());
        assertThat(run.metrics().keySet()).contains("train/reward_part.a/_/b@1@1767225600000", "_/_/_@1@1767225600000");
    }

    @Test
    void shouldSendSettingsThatAnEndedExportDidNotSend() {
        SortedMap<String, String> first = new TreeMap<>(Map.of("trainer.group-size", "8", "worker.slots", "32"));
        SortedMap<String, String> continued = new TreeMap<>(Map.of("trainer.group-size", "16", "run.steps", "9"));
        try (MlflowTarget target = target(Map.of())) {
            target.begin(new RunFacts("run-1", START, new TreeMap<>()));
            target.begin(new RunFacts("run-1", START, first));
            target.begin(new RunFacts("run-1", START, continued));
        }

        assertThat(onlyRun().parameters())
                .isEqualTo(Map.of("trainer.group-size", "8", "worker.slots", "32", "run.steps", "9"));
    }

    @Test
    void shouldSayThatTheExperimentIsDeleted() {
        try (MlflowTarget target = target(Map.of())) {
            target.begin(run());
            server.deleteExperiment("respec");

            assertThatThrownBy(() -> target.begin(run()))
                    .isInstanceOf(TargetUnavailableException.class)
                    .hasMessage("the experiment 'respec' of " + server.address()
                            + " is deleted: restore it (mlflow experiments restore), or name another one in"
                            + " MLFLOW_EXPERIMENT_NAME");
        }
    }

    @Test
    void shouldShowTheCredentialsOfTheEnvironment() {
        target(Map.of("MLFLOW_TRACKING_USERNAME", "ann", "MLFLOW_TRACKING_PASSWORD", "secret"))
                .close();
        target(Map.of("MLFLOW_TRACKING_TOKEN", "t")).close();

        assertThat(server.authorisations()).containsExactly("Basic YW5uOnNlY3JldA==", "Bearer t");
    }

    @Test
    void shouldSayWhatIsWrongWithTheAddress() {
        String address = server.address();
        assertThatThrownBy(() -> new MlflowTarget(address + "/elsewhere", Map.of(), line -> {}))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("metrics.mlflow (--mlflow) is " + address + "/elsewhere, but ")
                .hasMessageContaining("404");
        server.close();
        assertThatThrownBy(() -> new MlflowTarget(address, Map.of(), line -> {}))
                .isInstanceOf(TargetUnavailableException.class)
                .hasMessageContaining("nothing answers at " + address)
                .hasMessageContaining("start 'mlflow server', or correct the address");
    }

    private MlflowTarget target(Map<String, String> environment) {
        return new MlflowTarget(server.address(), environment, line -> {});
    }

    private MlflowServer.Run onlyRun() {
        assertThat(server.runs()).hasSize(1);
        return server.runs().values().iterator().next();
    }

    /** With more settings than a batch takes. */
    private static RunFacts run() {
        SortedMap<String, String> settings = new TreeMap<>();
        IntStream.range(0, 250).forEach(i -> settings.put("key-" + i, "x"));
        settings.put("trainer.learning-rate", "2.5E-4");
        settings.put("data.task", "");
        return new RunFacts("run-1", START, settings);
    }

    private static ExportItem item(long step) {
        return new ExportItem(
                "policy",
                step,
                START,
                START.plusSeconds(step),
                new TreeMap<>(),
                new TreeMap<>(Map.of("train/loss", 0.5 / step)),
                new TreeMap<>(),
                new TreeMap<>());
    }

    private static ExportItem evaluation() {
        return new ExportItem(
                "evaluation/sums/sampled",
                0,
                START,
                START,
                new TreeMap<>(Map.of("data_set", "sums", "mode", "sampled")),
                new TreeMap<>(Map.of("evaluation/pass@1", 0.25)),
                new TreeMap<>(),
                new TreeMap<>());
    }
}
