package dev.respec.model.training;

import java.util.ArrayList;
import java.util.List;

/**
 * Consecutive rows of a batch whose logits are computed together.
 *
 * @param firstRow first row
 * @param lastRow one past the last row
 * @param first first of their response tokens, counted over the batch
 * @param last one past their last response token
 */
record TokenSpan(int firstRow, int lastRow, int first, int last) {
    /**
     * Cuts a batch so that each span has at most the given tokens, except for a row that is longer by itself.
     *
     * @param mostTokens response tokens
     */
    static List<TokenSpan> of(TokenBatch batch, int mostTokens) {
        List<TokenSpan> spans = new ArrayList<>();
        int firstRow = 0;
        int first = 0;
        int last = 0;
        for (int row = 0; row < batch.rows(); row++) {
            int length = batch.responseTokens().get(row).length;
            if (row > firstRow && last + length - first > mostTokens) {
                spans.add(new TokenSpan(firstRow, row, first, last));
                firstRow = row;
                first = last;
            }
            last += length;
        }
        spans.add(new TokenSpan(firstRow, batch.rows(), first, last));
        return spans;
    }
}
