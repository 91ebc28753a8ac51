package dev.respec.trainer.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.schemas.ArtefactFile;
import dev.respec.schemas.SourceOffsets;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightFormat;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import dev.respec.trainer.admission.AdmissionState;
import dev.respec.trainer.admission.Ticket;
import dev.respec.trainer.assembly.Cursor;
import dev.respec.trainer.curriculum.CurriculumState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFolderTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.123Z");

    @TempDir
    Path root;

    private CheckpointFolder checkpoints;

    @BeforeEach
    void open() {
        checkpoints = new CheckpointFolder(root.resolve("trainer"), 2, 4, 1);
    }

    @Test
    void shouldHaveNothingBeforeTheFirstCheckpoint() {
        assertThat(checkpoints.latest()).isEmpty();
    }

    @Test
    void shouldReadBackWhatWasWritten() {
        // Given
        var state = new TrainerState(
                "run",
                3,
                new AdmissionState(
                        9,
                        8,
                        6,
                        List.of(new Ticket(7, 6, 1)),
                        List.of(new Ticket.Question(4, 2)),
                        1,
                        List.of(7L),
                        List.of("line-3"),
                        5),
                new Cursor(
                        Map.of(0, new Cursor.Position(17, Map.of("run/5", 19L)), 1, new Cursor.Position(0, Map.of()))),
                Map.of(0, 12L, 3, 4L),
                new CurriculumState(
                        new TreeMap<>(Map.of("line-1", List.of(0.25, 1.0), "line-2", List.of())),
                        new TreeMap<>(Map.of(6L, "line-1"))));

        // When
        checkpoints.begin(new FixedFiles("weights")).commit(state, update(3), Optional.of(step(3)));

        // Then
        var read =
                new CheckpointFolder(root.resolve("trainer"), 2, 4, 1).latest().orElseThrow();
        assertThat(read.state()).isEqualTo(state);
        assertThat(read.weightUpdate()).isEqualTo(update(3));
        assertThat(read.trainingStep()).contains(step(3));
        assertThat(read.policyFolder().resolve("model.safetensors")).hasContent("weights");
        assertThat(read.optimiserFile()).hasContent("moments");
    }

    @Test
    void shouldKeepTheNewestAndEveryFourth() {
        for (int step = 0; step <= 10; step++) {
            write(step);
        }

        assertThat(root.resolve("trainer").toFile().list((folder, name) -> name.startsWith("step-")))
                .containsExactlyInAnyOrder("step-000000", "step-000004", "step-000008", "step-000009", "step-000010");
    }

    @Test
    void shouldGoOnFromTheCheckpointBeforeWhenAWriteIsCutOff() throws IOException {
        // Given
        write(1);
        assertThatThrownBy(() -> checkpoints.begin(new Failing()).commit(state(2), update(2), Optional.empty()))
                .isInstanceOf(CheckpointNotWrittenException.class)
                .hasMessageContaining("the one before is intact")
                .hasMessageContaining("no space left on device");
        // and a complete folder that the pointer does not name yet
        Files.createDirectories(root.resolve("trainer/step-000002/policy"));

        // When
        var before = checkpoints.latest().orElseThrow();
        write(2);

        // Then
        assertThat(before.state().step()).isEqualTo(1);
        assertThat(checkpoints.latest().orElseThrow().state().step()).isEqualTo(2);
    }

    @Test
    void shouldKeepTheNewestOptimiserStateAndTheEventsOfTheStepsSince() {
        // Given the optimiser's state every fifth step, and nothing kept for good
        checkpoints = new CheckpointFolder(root.resolve("trainer"), 2, 0, 5);
        // When
        for (int step = 0; step <= 9; step++) {
            checkpoints
                    .begin(new FixedFiles("weights"))
                    .commit(state(step), update(step), step == 0 ? Optional.empty() : Optional.of(step(step)));
        }
        // Then
        var trail = checkpoints.sinceWhole(checkpoints.latest().orElseThrow());
        assertThat(trail).extracting(checkpoint -> checkpoint.state().step()).containsExactly(5L, 6L, 7L, 8L, 9L);
        assertThat(trail).extracting(TrainerCheckpoint::isWhole).containsExactly(true, false, false, false, false);
        assertThat(trail)
                .extracting(checkpoint -> Files.exists(checkpoint.policyFolder()))
                .containsExactly(true, false, false, true, true);
        assertThat(trail.get(2).trainingStep()).contains(step(7));
        assertThat(root.resolve("trainer/step-000004")).doesNotExist();
    }

    @Test
    void shouldForgetTheStepsBeforeACheckpointThatWasCompleted() {
        checkpoints = new CheckpointFolder(root.resolve("trainer"), 1, 0, 100);
        for (int step = 0; step <= 3; step++) {
            write(step);
        }
        checkpoints.complete(checkpoints.latest().orElseThrow(), new FixedFiles("weights"));

        assertThat(checkpoints.latest().orElseThrow().optimiserFile()).hasContent("moments");
        assertThat(root.resolve("trainer").toFile().list((folder, name) -> name.startsWith("step-")))
                .containsExactly("step-000003");
    }

    @Test
    void shouldSayWhichCheckpointIsMissingBetween() throws IOException {
        checkpoints = new CheckpointFolder(root.resolve("trainer"), 2, 0, 5);
        for (int step = 0; step <= 3; step++) {
            write(step);
        }
        Files.delete(root.resolve("trainer/step-000002/state.json"));

        var latest = checkpoints.latest().orElseThrow();
        assertThatThrownBy(() -> checkpoints.sinceWhole(latest))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("step-000002: cannot be read")
                .hasMessageContaining("step-000003, which has no optimiser state");
    }

    @Test
    void shouldSayWhichCheckpointCannotBeRead() throws IOException {
        write(1);
        Files.writeString(root.resolve("trainer/step-000001/state.json"), "{");

        assertThatThrownBy(checkpoints::latest)
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("latest: names a checkpoint that cannot be read");
    }

    private void write(int step) {
        checkpoints.begin(new FixedFiles("weights")).commit(state(step), update(step), Optional.empty());
    }

    private static TrainerState state(long step) {
        return new TrainerState(
                "run", step, AdmissionState.initial(), Cursor.at(Map.of(0, 0L)), Map.of(), CurriculumState.INITIAL);
    }

    private static WeightUpdate update(long version) {
        return WeightUpdate.newBuilder()
                .setRunId("run")
                .setRole(WeightRole.POLICY)
                .setVersion(version)
                .setBaseVersion(version - 1)
                .setFormat(WeightFormat.FULL)
                .setUri("file:///policy")
                .setFiles(List.of(new ArtefactFile("model.safetensors", 7L, "ab")))
                .setStep(version)
                .setPolicyVersion(version)
                .setSourceOffsets(List.of(new SourceOffsets("scored-rollouts", 0, 3L, 5L)))
                .setMetrics(Map.of("loss", 0.5))
                .setPublishedAt(NOW)
                .build();
    }

    private static TrainingStep step(long number) {
        return TrainingStep.newBuilder()
                .setRunId("run")
                .setRole(WeightRole.POLICY)
                .setStep(number)
                .setVersion(number)
                .setSourceOffsets(List.of(new SourceOffsets("scored-rollouts", 0, 3L, 5L)))
                .setRequestIds(List.of("run/1"))
                .setDroppedRequestIds(List.of("run/2 stale"))
                .setMetrics(Map.of("loss", 0.5))
                .setPhases(Map.of("waiting", 12.0))
                .setStartedAt(NOW)
                .setFinishedAt(NOW)
                .build();
    }

    private record FixedFiles(String weights) implements CheckpointFolder.ModelWriter {
        @Override
        public void writePolicy(Path policyFolder) {
            write(policyFolder.resolve("model.safetensors"), weights);
        }

        @Override
        public void writeOptimiser(Path optimiserFile) {
            write(optimiserFile, "moments");
        }

        private static void write(Path file, String content) {
            try {
                Files.writeString(file, content);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** As when the disk is full. */
    private static final class Failing implements CheckpointFolder.ModelWriter {
        @Override
        public void writePolicy(Path policyFolder) {}

        @Override
        public void writeOptimiser(Path optimiserFile) {
            throw new UncheckedIOException(new IOException("no space left on device"));
        }
    }
}
