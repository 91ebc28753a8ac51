package dev.respec.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.CacheSize;
import dev.respec.model.decoding.ComputeType;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Expected bytes: layers x (keys and values) x key heads x dimension x 4. */
class CacheMemoryTest {
    private static final int LAYERS = 3;
    private static final int HIDDEN = 64;
    private static final int KEY_HEADS = 2;
    private static final int DIMENSION = 16;
    /** Hidden size 64, 4 heads of 16, of which 2 have keys. */
    private static final ModelConfig MODEL =
            ModelConfig.qwen2(40, HIDDEN, 128, LAYERS, HIDDEN / DIMENSION, KEY_HEADS, 4096, List.of(1));

    private static final long BYTES_OF_TOKEN = LAYERS * 2L * KEY_HEADS * DIMENSION * Float.BYTES;

    @Test
    void shouldShareTheBoundAmongAllSlotsInPages() {
        var memory = new CacheMemory(MODEL, ComputeType.BFLOAT16, 0);
        assumeTrue(memory.isPaged(), "this Java has no vectors");
        CacheSize size = requireNonNull(memory.within(300 * 16 * BYTES_OF_TOKEN + 1, 32, 4096));
        assertThat(size).isEqualTo(new CacheSize(32, 4096, 300));
        assertThat(memory.bytes(size)).isEqualTo(300 * 16 * BYTES_OF_TOKEN);
        long features = 3L * HIDDEN * Float.BYTES;
        assertThat(new CacheMemory(MODEL, ComputeType.BFLOAT16, 3).bytes(size))
                .isEqualTo(300 * 16 * (BYTES_OF_TOKEN + features));
    }

    @Test
    void shouldNotNeedMoreThanFullCapacityInEverySlot() {
        var memory = new CacheMemory(MODEL, ComputeType.BFLOAT16, 0);
        assertThat(memory.within(1L << 40, 4, 100)).isEqualTo(CacheSize.whole(4, 100));
    }

    @Test
    void shouldOpenAsManyWholeSlotsAsFitWhereSlotsAreNotMadeOfPages() {
        var memory = new CacheMemory(MODEL, ComputeType.FLOAT32, 0);
        assertThat(memory.isPaged()).isFalse();
        long slot = 100 * BYTES_OF_TOKEN;
        assertThat(memory.within(3 * slot + slot / 2, 32, 100)).isEqualTo(CacheSize.whole(3, 100));
        assertThat(memory.bytes(CacheSize.whole(3, 100))).isEqualTo(3 * slot);
    }

    @Test
    void shouldRefuseWhatDoesNotHoldOneSequence() {
        for (ComputeType type : ComputeType.values()) {
            var memory = new CacheMemory(MODEL, type, 0);
            assertThat(memory.within(99 * BYTES_OF_TOKEN, 32, 100)).isNull();
        }
        assertThatThrownBy(() -> new CacheSize(1, 100, 6)).hasMessage("6 pages do not hold one sequence of 100 tokens");
    }
}
