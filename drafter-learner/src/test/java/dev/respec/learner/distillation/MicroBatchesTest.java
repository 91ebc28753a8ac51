package dev.respec.learner.distillation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.learner.TinyModels;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MicroBatchesTest {
    @Test
    void shouldCoverEachSequenceOnceWithinTheBudget() {
        var batch = TinyModels.sequences(50, 3);
        var cuts = MicroBatches.cut(batch, 64);
        assertThat(cuts.stream().flatMap(List::stream))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 50).boxed().toList());
        for (var cut : cuts) {
            int longest = cut.stream()
                    .mapToInt(index -> batch.get(index).length())
                    .max()
                    .orElseThrow();
            assertThat(cut.size() * longest).isLessThanOrEqualTo(64);
        }
    }

    @Test
    void shouldGiveATooLongSequenceABatchOfItsOwn() {
        assertThat(MicroBatches.cut(TinyModels.sequences(2, 3), 1)).hasSize(2);
    }
}
