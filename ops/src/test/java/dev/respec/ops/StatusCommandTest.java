package dev.respec.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.DeadLetter;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatusCommandTest {
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
