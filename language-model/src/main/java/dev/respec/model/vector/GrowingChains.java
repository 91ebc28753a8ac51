package dev.respec.model.vector;

import dev.respec.model.decoding.DrafterKernel.Chain;
import dev.respec.model.decoding.DrafterKernel.Draw;
import java.util.Arrays;

/**
 * Chains of a batch while they are drafted. Those that still grow occupy rows 0 to n - 1 of a pass, in the order of their
 * sequences; a chain that has ended takes no row.
 */
final class GrowingChains {
    private final int[] targetIds;
    private final int batch;
    private final Draw draw;
    private final int[] tokens;
    private final int[] counts;
    private final float[] probabilities;
    /** Of the draft vocabulary, as many as fill whole vectors. */
    private final float[] weights;

    private final double[] confidences;
    private final double[] totals;
    private final int[] likely;
    private final boolean[] growing;
    /** By row: its sequence, and the row that held its state in the pass before. */
    private final int[] sequences;

    private final int[] stateRows;
    private int rows;
    private int position;

    GrowingChains(int[] targetIds, int batch, Draw draw) {
        this.targetIds = targetIds;
        this.batch = batch;
        this.draw = draw;
        this.tokens = new int[batch * draw.steps()];
        this.counts = new int[batch];
        this.probabilities = new float[draw.isGreedy() ? 0 : batch * draw.steps() * targetIds.length];
        this.weights = new float[Lanes.padded(targetIds.length)];
        this.confidences = new double[batch];
        this.totals = new double[batch];
        this.likely = new int[batch];
        this.growing = new boolean[batch];
        Arrays.fill(growing, true);
        this.sequences = new int[batch];
        Arrays.setAll(sequences, row -> row);
        this.stateRows = sequences.clone();
        this.rows = batch;
    }

    /** Chains that still grow. */
    int rows() {
        return rows;
    }

    int sequence(int row) {
        return sequences[row];
    }

    /** Where the last pass left the state that a row goes on from. */
    int stateRow(int row) {
        return stateRows[row];
    }

    /** The token that a row's chain grew by last. */
    int newest(int row) {
        return tokens[sequences[row] * draw.steps() + position - 1];
    }

    /**
     * Adds a token to each chain, except to those that the limit ends.
     *
     * @param logits of the rows
     * @return whether another pass is wanted
     */
    boolean grow(float[] logits, int stride) {
        for (int row = 0; row < rows; row++) {
            weigh(sequences[row], logits, row * stride);
        }
        boolean further = draw.limit().choose(position, confidences, growing);
        int kept = 0;
        for (int row = 0; row < rows; row++) {
            int sequence = sequences[row];
            if (growing[sequence]) {
                int at = sequence * draw.steps() + position;
                int chosen = draw.isGreedy() ? likely[sequence] : sample(sequence, at);
                tokens[at] = targetIds[chosen];
                counts[sequence]++;
                sequences[kept] = sequence;
                stateRows[kept++] = row;
            }
        }
        rows = kept;
        position++;
        return further && rows > 0;
    }

    /** Confidence in what a row's sequence would draw, at temperature 1 when it is greedy. */
    private void weigh(int sequence, float[] logits, int from) {
        int size = targetIds.length;
        likely[sequence] = best(logits, from, size);
        if (draw.isGreedy() && !draw.isLimited()) {
            return;
        }
        float scale = draw.isGreedy() ? 1 : (float) draw.inverse();
        for (int i = 0; i < size; i++) {
            weights[i] = logits[from + i] * scale;
        }
        Arrays.fill(weights, size, weights.length, Float.NEGATIVE_INFINITY);
        Lanes.exponentials(weights, 0, weights.length);
        double total = 0;
        for (int i = 0; i < size; i++) {
            total += weights[i];
        }
        totals[sequence] = total;
        confidences[sequence] = weights[likely[sequence]] / total;
        if (!draw.isGreedy()) {
            System.arraycopy(weights, 0, probabilities, (sequence * draw.steps() + position) * size, size);
        }
    }

    static int best(float[] logits, int from, int size) {
        int best = 0;
        for (int i = 1; i < size; i++) {
            best = logits[from + i] > logits[from + best] ? i : best;
        }
        return best;
    }

    /** Divides the weights of a token by their total and draws from them by the inverse of their sums. */
    private int sample(int sequence, int at) {
        int size = targetIds.length;
        int from = at * size;
        double total = totals[sequence];
        double uniform = draw.uniforms()[position * batch + sequence];
        double cumulative = 0;
        int chosen = -1;
        for (int i = 0; i < size; i++) {
            probabilities[from + i] = (float) (probabilities[from + i] / total);
            cumulative += probabilities[from + i];
            if (chosen < 0 && cumulative > uniform) {
                chosen = i;
            }
        }
        // rounding may leave the sum a little below the number drawn
        return chosen < 0 ? likely[sequence] : chosen;
    }

    Chain result() {
        return new Chain(tokens, counts, draw.isGreedy() ? null : probabilities);
    }
}
