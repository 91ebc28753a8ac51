package dev.respec.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.cluster.FolderLock;
import dev.respec.ops.cluster.Installation;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.cluster.RunFile;
import dev.respec.schemas.DeadLetter;
import dev.respec.schemas.DrafterAlarm;
import dev.respec.schemas.SpeculationSetting;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.TrustedEvents;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WorkerState;
import dev.respec.schemas.WorkerStatus;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusCommandTest {
    static {
        TrustedEvents.trust(); // builders fill in records by default
    }

    @Test
    void shouldCountDeadLettersByOriginWithTheNewestReason() {
        assertThat(StatusCommand.deadLetters(List.of(
                        letter("rollout-worker-77", "weight-updates", "weights refused: SHA-256"),
                        letter("reward-scorer", "rollouts", "of another run"),
                        letter("rollout-worker-78", "weight-updates", "weights refused: tensor\nmore"))))
                .containsExactly(
                        "       1  rollouts, by reward-scorer: of another run",
                        "       2  weight-updates, by rollout-worker: weights refused: tensor");
    }

    @Test
    void shouldTellAWorkerThatStoppedFromOneThatIsGone() {
        Instant now = Instant.parse("2026-01-01T01:00:00Z");

        assertThat(StatusCommand.describe(worker(WorkerState.STOPPING, now.minusSeconds(39 * 60)), now))
                .isEqualTo("stopped 39 min 00 s ago");
        assertThat(StatusCommand.describe(worker(WorkerState.READY, now.minusSeconds(120)), now))
                .isEqualTo("gone: no heartbeat for 2 min 00 s, the last one said ready");
        assertThat(StatusCommand.describe(worker(WorkerState.READY, now.minusSeconds(2)), now))
                .startsWith("ready, heartbeat 2.0 s ago, 3 active")
                .endsWith("drafts with eagle3:4x3/12");
    }

    @Test
    void shouldNameTheDrafterVersionOfEveryAlarmThatStands() {
        Instant raised = Instant.parse("2026-01-01T01:00:00Z");
        var table = new SpeculationSettings(
                "policy",
                "cpu",
                1L,
                raised,
                List.of(),
                "run",
                "cpu-float32",
                List.of(
                        new DrafterAlarm("eagle3", 1, 0, 7L, "collapse", 1.02, 3.4, raised, raised.plusSeconds(30)),
                        new DrafterAlarm("eagle3", 1, 0, 9L, "decline", 1.9, 3.4, raised, raised)));

        assertThat(StatusCommand.alarms(List.of(table)))
                .containsExactly(
                        "collapse of drafter eagle3 version 7 since 2026-01-01T01:00:00Z: acceptance length 1.02, before 3.40,"
                                + " rests until 2026-01-01T01:00:30Z",
                        "decline of drafter eagle3 version 9 since 2026-01-01T01:00:00Z: acceptance length 1.90, before 3.40");
    }

    @Test
    void shouldSayHowMuchTheLearnerTrains() {
        assertThat(StatusCommand.share(round(Map.of()))).isEmpty();
        assertThat(StatusCommand.share(round(Map.of("training_share", 1.0)))).isEmpty();
        assertThat(StatusCommand.share(round(Map.of("training_share", 0.25))))
                .isEqualTo(", trains on 25 % of the rollouts");
        assertThat(StatusCommand.share(round(Map.of("training_share", 0.0)))).contains("rests");
    }

    @Test
    void shouldSayThatTheLearnerChangedNothing() {
        assertThat(StatusCommand.unchanged(round(Map.of()))).isEmpty();
        assertThat(StatusCommand.unchanged(round(Map.of("unchanged", 0.0)))).isEmpty();
        assertThat(StatusCommand.unchanged(round(Map.of("unchanged", 1.0))))
                .isEqualTo(", changed no parameter: nothing is published");
    }

    private static TrainingStep round(Map<String, Double> metrics) {
        return TrainingStep.newBuilder()
                .setRunId("run")
                .setRole(WeightRole.DRAFTER)
                .setStep(1)
                .setVersion(1)
                .setSourceOffsets(List.of())
                .setRequestIds(List.of())
                .setMetrics(metrics)
                .setPhases(Map.of())
                .setStartedAt(Instant.EPOCH)
                .setFinishedAt(Instant.EPOCH)
                .build();
    }

    @Test
    void shouldTellAStoppedRunFromOneThatGoesOn(@TempDir Path root) {
        DataFolder folder = new DataFolder(root);
        RunFile run = RunFile.begin("run", 1, 4, Instant.EPOCH);
        run.write(folder.runFile());
        RunAccess access = new RunAccess(
                RespecConfig.defaults().withOverrides(List.of("run.data-dir=" + root)),
                new Installation(root.resolve("installation")));

        assertThat(StatusCommand.state(access, run)).isEqualTo("stopped");
        try (FolderLock reader = FolderLock.tryAcquireToRead(folder).orElseThrow()) {
            assertThat(reader).isNotNull();
            assertThat(StatusCommand.state(access, run)).isEqualTo("stopped");
        }
        try (FolderLock lock = FolderLock.tryAcquire(folder).orElseThrow()) {
            assertThat(lock).isNotNull();
            assertThat(StatusCommand.state(access, run)).isEqualTo("running");
        }
        assertThat(StatusCommand.state(access, run.after(60, RunFile.Status.FINISHED)))
                .isEqualTo("finished");
    }

    private static WorkerStatus worker(WorkerState state, Instant heartbeat) {
        return WorkerStatus.newBuilder()
                .setRunId("run")
                .setWorkerId("worker-1")
                .setState(state)
                .setPolicyVersion(5)
                .setDrafterVersion(2)
                .setActiveSequences(3)
                .setWaitingSequences(1)
                .setSettingsVersion(7)
                .setEmittedTokens(100)
                .setTokensPerSecond(1000)
                .setSetting(new SpeculationSetting("eagle3", 4, 3, 12))
                .setHeartbeatAt(heartbeat)
                .build();
    }

    private static DeadLetter letter(String stage, String topic, String reason) {
        return DeadLetter.newBuilder()
                .setStage(stage)
                .setOriginTopic(topic)
                .setOriginPartition(0)
                .setOriginOffset(1)
                .setOriginKey(null)
                .setOriginValue(null)
                .setReason(reason)
                .setFailedAt(Instant.EPOCH)
                .build();
    }
}
