package dev.respec.model.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DenseRowsTest {
    @Test
    void shouldHoldAPromptOfSeveralResponsesOnceAndNoLastToken() {
        DenseRows rows = new DenseRows(new TokenBatch(
                List.of(new int[] {1, 2}, new int[] {3}, new int[] {1, 2}, new int[] {1, 2}),
                List.of(new int[] {4, 5, 6}, new int[] {7, 8}, new int[] {9}, new int[] {10, 11})));

        assertThat(rows.ids()).containsExactly(1, 2, 4, 5, 10, 3, 7);
        assertThat(rows.segments())
                .containsExactly(
                        new Segment(0, 2, 0, 0),
                        new Segment(2, 2, 0, 2),
                        new Segment(4, 1, 0, 2),
                        new Segment(5, 2, 0, 0));
        // in the order of the batch: each target and the row that predicts it
        assertThat(rows.targets()).containsExactly(4, 5, 6, 7, 8, 9, 10, 11);
        assertThat(rows.rows()).containsExactly(1, 2, 3, 5, 6, 1, 1, 4);
    }

    @Test
    void shouldHoldPromptsThatDifferEach() {
        DenseRows rows = new DenseRows(
                new TokenBatch(List.of(new int[] {1, 2}, new int[] {1}), List.of(new int[] {3}, new int[] {2, 3})));

        assertThat(rows.ids()).containsExactly(1, 2, 1, 2);
        assertThat(rows.segments()).containsExactly(new Segment(0, 2, 0, 0), new Segment(2, 2, 0, 0));
        assertThat(rows.rows()).containsExactly(1, 2, 3);
    }
}
