package dev.respec.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.TokenGrid;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Slots of a scripted kernel get more columns while they hold some; the reference reads all tokens in one pass. */
class GrowingCacheTest {
    private static final int VOCABULARY = 11;
    private static final int CAPACITY = 1_500;
    private static final int TOKENS = 1_300;
    private static final Checkpoint POLICY =
            Checkpoint.random(ModelConfig.qwen2(VOCABULARY, 16, 32, 3, 2, 1, CAPACITY, List.of(0)), 4, 0.4, 1);

    private final int[] tokens = new Random(8).ints(TOKENS, 0, VOCABULARY).toArray();

    @ParameterizedTest
    @EnumSource(
            value = TargetModel.Kernels.class,
            names = {"SCRIPTED", "DEVICE"})
    void shouldKeepWhatSlotsHoldWhenTheyGrow(TargetModel.Kernels kernels) {
        try (TargetModel growing = load(kernels);
                TargetModel atOnce = load(kernels);
                NDManager scope = growing.manager().newSubManager()) {
            // Given a few tokens in one slot and many in another, in pieces
            TokenGrid few = run(0, 40);
            growing.prefill(0, few);
            for (int from = 0; from < TOKENS - 1; from += 150) {
                growing.prefill(1, run(from, Math.min(from + 150, TOKENS - 1)));
            }
            // When both go on
            TokenGrid next = new TokenGrid();
            next.begin(40);
            next.add(tokens[40]);
            next.begin(TOKENS - 1);
            next.add(tokens[TOKENS - 1]);
            float[] shorter = growing.step(0, next).row(0);
            float[] longer = growing.step(0, next).row(1);
            // Then they go on from what one pass has read
            assertThat(longer).containsExactly(atOnce.step(0, run(0, TOKENS)).row(TOKENS - 1), within(1e-4f));
            assertThat(shorter).containsExactly(atOnce.step(0, run(0, 41)).row(40), within(1e-4f));
            float[] kept = growing.features(scope, new long[] {1, 1, 0}, new long[] {3, 1_200, 39})
                    .values();
            atOnce.prefill(0, run(0, TOKENS));
            float[] expected = atOnce.features(scope, new long[] {0, 0, 0}, new long[] {3, 1_200, 39})
                    .values();
            assertThat(kept).containsExactly(expected, within(1e-4f));
        }
    }

    private TokenGrid run(int from, int to) {
        TokenGrid grid = new TokenGrid();
        grid.begin(from);
        grid.add(tokens, from, to - from);
        return grid;
    }

    private static TargetModel load(TargetModel.Kernels kernels) {
        return TargetModel.load(POLICY, 2, CAPACITY, ComputeType.FLOAT32, new int[] {0, 2}, kernels);
    }
}
