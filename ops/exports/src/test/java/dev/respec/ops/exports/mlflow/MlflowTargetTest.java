package dev.respec.ops.exports.mlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.ops.exports.run.ExportItem;
import dev.respec.ops.exports.run.RunFacts;
import dev.respec.ops.exports.run.RunOutcome;
import dev.respec.ops.exports.run.TargetUnavailableException;
import dev.respec.stage.BadInputException;
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
                .isInstanceOf(BadInputException.class)
                .hasMessageStartingWith("metrics.mlflow (--mlflow) is " + address + "/elsewhere, but ")
                .hasMessageContaining("404");
        server.close();
        assertThatThrownBy(() -> new MlflowTarget(address, Map.of(), line -> {}))
                .isInstanceOf(BadInputException.class)
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
