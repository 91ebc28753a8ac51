package dev.respec.model.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.respec.model.kernels.NativeArrays;
import java.util.List;

/**
 * A batch as the kernel takes it: ids, and the flat positions that predict response tokens.
 *
 * @param ids [B, T] int64, right-padded, or one after the other
 * @param rows [N] int64 into the ids
 * @param targets [N] int64
 */
record PackedBatch(TokenBatch batch, NDArray ids, NDArray rows, NDArray targets) {
    static PackedBatch of(TokenBatch batch, NDManager scope) {
        int width = batch.width();
        int count = batch.responseTokenCount();
        long[] ids = new long[batch.rows() * width];
        long[] rows = new long[count];
        long[] targets = new long[count];
        int at = 0;
        for (int row = 0; row < batch.rows(); row++) {
            int[] prompt = batch.promptTokens().get(row);
            int[] response = batch.responseTokens().get(row);
            int start = row * width;
            for (int i = 0; i < prompt.length; i++) {
                ids[start + i] = prompt[i];
            }
            for (int i = 0; i < response.length; i++) {
                ids[start + prompt.length + i] = response[i];
                rows[at] = start + prompt.length + i - 1L;
                targets[at++] = response[i];
            }
        }
        return new PackedBatch(
                batch,
                NativeArrays.of(scope, ids, batch.rows(), width),
                NativeArrays.of(scope, rows),
                NativeArrays.of(scope, targets));
    }

    /** The same without padding and with prompts once, ids [N]. */
    static PackedBatch dense(TokenBatch batch, DenseRows rows, NDManager scope) {
        return new PackedBatch(
                batch,
                NativeArrays.of(scope, rows.ids()),
                NativeArrays.of(scope, rows.rows()),
                NativeArrays.of(scope, rows.targets()));
    }

    /** All rows. */
    TokenSpan whole() {
        return new TokenSpan(0, batch.rows(), 0, batch.responseTokenCount());
    }

    /** One array per row of the span, of zeros. */
    float[][] zeros(TokenSpan span) {
        return perRow(new float[span.last() - span.first()], span);
    }

    float[] flatten(float[][] perRow, TokenSpan span) {
        float[] flat = new float[span.last() - span.first()];
        int at = 0;
        for (float[] row : perRow) {
            System.arraycopy(row, 0, flat, at, row.length);
            at += row.length;
        }
        return flat;
    }

    /** Log-probabilities and entropies of a span's tokens. */
    BatchOutcome outcome(List<NDArray> scores, TokenSpan span) {
        return new BatchOutcome(
                perRow(scores.get(0).toFloatArray(), span), perRow(scores.get(1).toFloatArray(), span));
    }

    private float[][] perRow(float[] flat, TokenSpan span) {
        float[][] perRow = new float[span.lastRow() - span.firstRow()][];
        int at = 0;
        for (int row = 0; row < perRow.length; row++) {
            int length = batch.responseTokens().get(span.firstRow() + row).length;
            perRow[row] = new float[length];
            System.arraycopy(flat, at, perRow[row], 0, length);
            at += length;
        }
        return perRow;
    }
}
