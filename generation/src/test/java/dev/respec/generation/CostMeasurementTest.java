package dev.respec.generation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.generation.engine.Drafter;
import dev.respec.generation.engine.Drafts;
import dev.respec.generation.engine.GenerationEngine;
import dev.respec.generation.engine.Sequence;
import dev.respec.generation.engine.StepStatistics;
import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.ComputeType;
import dev.respec.speculation.Setting;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class CostMeasurementTest {
    private static final Checkpoint CHECKPOINT =
            Checkpoint.random(ModelConfig.qwen2(12, 32, 48, 3, 4, 2, 64, List.of(1)), 5, 0.3, 1.0);
    private static final Setting SLOW = Setting.chain("slow", 2);
    private static final int MILLIS_PER_SEQUENCE = 2;
    private static final int MILLIS_TO_CATCH_UP = 60;

    private static List<CostMeasurement.Cost> measure(List<Integer> stopTokens) {
        TargetModel target = TargetModel.load(CHECKPOINT, 4, 64, ComputeType.FLOAT32, new int[0]);
        try (var engine = new GenerationEngine(
                target, List.of(new SlowDrafter()), stopTokens, new StepStatistics(List.of(1, 4)))) {
            return new CostMeasurement(engine, Duration.ofSeconds(20)).run(List.of(1, 4), List.of(SLOW));
        }
    }

    /** Half of the sampled tokens end a sequence: the fastest step would be one whose batch has shrunk. */
    @Test
    void shouldTimeStepsOfAllSequencesOnly() {
        List<CostMeasurement.Cost> costs = measure(List.of(1, 2, 3, 4, 5, 6));

        assertThat(costs)
                .anyMatch(cost -> cost.setting().equals(SLOW) && cost.activeBatch() == 4)
                .filteredOn(cost -> cost.setting().equals(SLOW))
                .allSatisfy(cost -> assertThat(cost.draft())
                        .as("batch " + cost.activeBatch())
                        .isGreaterThanOrEqualTo(MILLIS_PER_SEQUENCE * cost.activeBatch()));
    }

    @Test
    void shouldNotCountTheStepThatCatchesUpOnTheDraftersCache() {
        List<CostMeasurement.Cost> costs = measure(List.of());

        assertThat(costs)
                .anyMatch(cost -> cost.setting().equals(SLOW) && cost.activeBatch() == 4)
                .filteredOn(cost -> cost.setting().equals(SLOW))
                .allSatisfy(cost -> assertThat(cost.draft())
                        .as("batch " + cost.activeBatch())
                        .isLessThan(MILLIS_TO_CATCH_UP));
    }

    /** Takes its time for every sequence, and much more for tokens that were emitted without it. */
    private static final class SlowDrafter implements Drafter {
        private int ofOwnStep;
        private boolean behind;

        @Override
        public String name() {
            return SLOW.drafter();
        }

        @Override
        public void begin(Sequence sequence, int slot) {
            behind = true;
        }

        @Override
        public void emitted(Sequence sequence, int count) {
            behind |= ofOwnStep == 0;
            ofOwnStep = Math.max(0, ofOwnStep - 1);
        }

        @Override
        public void draft(List<Sequence> active, Setting setting, Drafts drafts) {
            pause(MILLIS_PER_SEQUENCE * active.size() + (behind ? MILLIS_TO_CATCH_UP : 0));
            behind = false;
            ofOwnStep = active.size();
        }

        private static void pause(int millis) {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
            while (System.nanoTime() < end) {
                LockSupport.parkNanos(end - System.nanoTime());
            }
        }
    }
}
