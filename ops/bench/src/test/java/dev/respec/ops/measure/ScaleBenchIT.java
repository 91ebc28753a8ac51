package dev.respec.ops.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.ops.cluster.RunAccess.OpenRun;
import dev.respec.ops.replay.RecordedRun;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.SpeculationSetting;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ScaleBenchIT {
    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    Path state;

    @Test
    void shouldReplayARunThroughScorerControllerAndTheTrainersReader() throws InterruptedException {
        // Given: a run of 8 rollouts in groups of 2, and a second of statistics
        assertThatThrownBy(() -> ScaleBench.Recorded.of(run()))
                .isInstanceOf(BadInputException.class)
                .hasMessage("bench scale: run run-1 has no rollouts and statistics to replay");
        RecordedRun.write(cluster.events());
        try (var producer = cluster.events().producer()) {
            producer.sendAndWait(TopicCatalogue.ACCEPTANCE_STATS, "w", statistics());
        }
        var recorded = ScaleBench.Recorded.of(run());
        RespecConfig target = config().withOverrides(List.of("kafka.topic-prefix=scale-", "trainer.group-size=2"));

        // When
        List<ScaleBench.Row> rows = new ArrayList<>();
        var result = new ScaleBench(recorded, target, 20, state).run(rows::add);

        // Then: three copies of the rollouts, all of which the trainer's reader finds in whole groups
        assertThat(result.rows()).isEqualTo(rows);
        assertThat(rows).extracting(ScaleBench.Row::stage).containsExactly("reward-scorer", "sd-controller", "trainer");
        assertThat(rows.get(2).records()).isEqualTo(24);
        assertThat(rows).allSatisfy(row -> {
            assertThat(row.recordsPerSecondPerCore()).isPositive();
            assertThat(row.workersFed()).isPositive();
        });
        assertThat(cluster.events().readAll(TopicCatalogue.ROLLOUTS))
                .as("the run itself")
                .hasSize(9);
    }

    private static OpenRun run() {
        return new OpenRun(RecordedRun.RUN, cluster.events(), config());
    }

    private static RespecConfig config() {
        return RespecConfig.defaults().withOverrides(cluster.configSettings());
    }

    private static AcceptanceStats statistics() {
        var setting = new SpeculationSetting("suffix", 2, 1, 2);
        var counts = new SettingStatistics(
                4,
                setting,
                100L,
                400L,
                800L,
                List.of(300L, 200L),
                List.of(400L, 400L),
                900L,
                10.0,
                80.0,
                10.0,
                40_000L);
        return new AcceptanceStats(
                RecordedRun.RUN,
                "w",
                "policy",
                "cpu",
                RecordedRun.START,
                RecordedRun.START.plusSeconds(1),
                0L,
                0L,
                List.of(counts),
                "cpu-float32",
                List.of(),
                0L);
    }
}
