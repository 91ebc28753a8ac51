package dev.respec.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.learner.state.RecordPosition;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RolloutBufferTest {
    private static final int SAMPLES = 4;

    @Test
    void shouldHoldOutWholeRequestsInTheAskedShare() {
        long heldOut = IntStream.range(0, 20_000)
                .filter(i -> RolloutBuffer.isHeldOut("run-1/" + i, 0.1))
                .count();
        assertThat(heldOut / 20_000.0).isCloseTo(0.1, within(0.01));
    }

    @Test
    void shouldNeverTrainOnWhatIsHeldOut() {
        var buffer = new RolloutBuffer(400, 0.2);
        fill(buffer, 0, 200);
        var trained = new HashSet<String>();
        for (int round = 0; round < 5; round++) {
            buffer.takeRound(16, new Random(round), 1).forEach(rollout -> trained.add(rollout.requestId()));
            fill(buffer, 200 * (round + 1), 200);
        }
        assertThat(buffer.heldOut())
                .isNotEmpty()
                .allSatisfy(rollout -> assertThat(trained).doesNotContain(rollout.requestId()));
    }

    @Test
    void shouldKeepTheNewestWithinItsBound() {
        var buffer = new RolloutBuffer(100, 0.2);
        fill(buffer, 0, 300);
        assertThat(buffer.trainingSize()).isEqualTo(80);
        assertThat(buffer.heldOut()).hasSize(20);
        assertThat(buffer.state().training())
                .extracting(RecordPosition::offset)
                .isSorted()
                .allMatch(offset -> offset >= 150);
    }

    @Test
    void shouldOfferEveryFreshRolloutOnceAndFillTheLastBatchWithOlderOnes() {
        var buffer = new RolloutBuffer(1000, 0.2);
        fill(buffer, 0, 200);
        var first = buffer.takeRound(16, new Random(1), 1);
        assertThat(buffer.fresh()).isZero();
        fill(buffer, 200, 40);
        int fresh = buffer.fresh();
        // When
        var second = buffer.takeRound(16, new Random(2), 1);
        // Then
        assertThat(second).hasSize((fresh + 15) / 16 * 16).doesNotHaveDuplicates();
        assertThat(second.subList(0, fresh))
                .allMatch(rollout -> rollout.position().offset() >= 200);
        assertThat(first).containsAll(second.subList(fresh, second.size()));
        assertThat(buffer.takeRound(16, new Random(3), 1)).isEmpty();
    }

    @Test
    void shouldHandOutAShareOfTheFreshRolloutsAndForgetThatTheOthersWereFresh() {
        var buffer = new RolloutBuffer(1000, 0.2);
        fill(buffer, 0, 200);
        int fresh = buffer.fresh();

        var share = buffer.takeRound(1, new Random(1), 0.25);

        assertThat(share).hasSize((int) Math.ceil(0.25 * fresh)).doesNotHaveDuplicates();
        assertThat(buffer.fresh()).isZero();
        assertThat(buffer.trainingSize()).isEqualTo(fresh);
        var newest = buffer.takeAll(0.5);
        assertThat(newest).hasSize((fresh + 1) / 2);
        assertThat(buffer.trainingSize()).isZero();
        assertThat(newest).extracting(rollout -> rollout.position().offset()).allMatch(offset -> offset >= 80);
    }

    @Test
    void shouldHandOutEverythingAtOnceAndKeepTheHeldOutOnes() {
        var buffer = new RolloutBuffer(1000, 0.2);
        fill(buffer, 0, 200);
        int training = buffer.trainingSize();
        int heldOut = buffer.heldOut().size();
        // When
        var all = buffer.takeAll(1);
        // Then
        assertThat(all).hasSize(training).doesNotHaveDuplicates();
        assertThat(buffer.trainingSize()).isZero();
        assertThat(buffer.fresh()).isZero();
        assertThat(buffer.heldOut()).hasSize(heldOut);
        assertThat(buffer.takeAll(1)).isEmpty();
    }

    @Test
    void shouldRestoreFromItsStateAndTheTopic() {
        var buffer = new RolloutBuffer(100, 0.2);
        fill(buffer, 0, 90);
        buffer.takeRound(16, new Random(1), 1);
        fill(buffer, 90, 20);
        Map<RecordPosition, TrainingRollout> topic = new HashMap<>();
        for (int i = 0; i < 110; i++) {
            var rollout = TrainingRollouts.of("run/" + i / SAMPLES, i);
            topic.put(rollout.position(), rollout);
        }
        // When
        var restored = new RolloutBuffer(100, 0.2);
        restored.restore(buffer.state(), topic);
        // Then
        assertThat(restored.state()).isEqualTo(buffer.state());
        assertThat(restored.takeRound(16, new Random(5), 1)).isEqualTo(buffer.takeRound(16, new Random(5), 1));
        assertThat(buffer.state().firstOffsets()).containsOnlyKeys(0);
    }

    private static void fill(RolloutBuffer buffer, int from, int count) {
        for (int i = from; i < from + count; i++) {
            buffer.add(TrainingRollouts.of("run/" + i / SAMPLES, i));
        }
    }
}
