package dev.respec.learner.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.learner.TinyModels;
import dev.respec.learner.distillation.Distiller;
import dev.respec.model.eagle3.TrainingTimeTest;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import dev.respec.stage.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LearnerCheckpointsTest {
    private static final BufferState BUFFER = new BufferState(
            List.of(new RecordPosition(1, 5), new RecordPosition(0, 7)), List.of(new RecordPosition(1, 2)), 1);

    @TempDir
    Path directory;

    @Test
    void shouldFindTheNewestCompleteRoundAndForgetOlderOnes() throws IOException {
        var checkpoints = new LearnerCheckpoints(directory);
        assertThat(checkpoints.newest()).isEmpty();
        try (var distiller = distiller()) {
            checkpoints.save(state(9), Announcements.of(step(9), null), distiller);
            checkpoints.save(state(10), Announcements.of(step(10), null), distiller);
            // Given a round that a crash cut off
            Files.createDirectories(directory.resolve("round-00000011"));
            // When
            var stored = checkpoints.newest().orElseThrow();
            // Then
            assertThat(stored.state()).isEqualTo(state(10));
            assertThat(stored.announcements().step()).isEqualTo(step(10));
            assertThat(stored.announcements().update()).isEmpty();
            stored.restore(distiller);
            assertThat(directory.resolve("round-00000009")).doesNotExist();
        }
    }

    @Test
    void shouldSayWhereAnUnreadableCheckpointLies() throws IOException {
        Files.createDirectories(directory.resolve("round-00000001"));
        Files.writeString(directory.resolve("round-00000001/state.json"), "{");
        assertThatThrownBy(() -> new LearnerCheckpoints(directory).newest())
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining(directory.toString())
                .hasMessageContaining("delete the folder");
    }

    private static Distiller distiller() {
        var policy = TinyModels.policy(5);
        return Distiller.load(policy, TinyModels.drafter(policy, 6), new TrainingTimeTest(2, 0.8), 1);
    }

    private static LearnerState state(long round) {
        return new LearnerState("run", round, 3, 4, Map.of(0, 8L, 1, 6L), BUFFER, 2, 1);
    }

    private static TrainingStep step(long round) {
        return TrainingStep.newBuilder()
                .setRunId("run")
                .setRole(WeightRole.DRAFTER)
                .setStep(round)
                .setVersion(3)
                .setSourceOffsets(List.of())
                .setRequestIds(List.of("run/1"))
                .setMetrics(Map.of("loss", 0.5))
                .setPhases(Map.of())
                .setStartedAt(Instant.ofEpochMilli(1))
                .setFinishedAt(Instant.ofEpochMilli(2))
                .build();
    }
}
