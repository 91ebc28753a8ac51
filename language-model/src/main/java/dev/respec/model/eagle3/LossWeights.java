package dev.respec.model.eagle3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.respec.model.kernels.NativeArrays;
import dev.respec.model.training.TokenBatch;

/**
 * Weight of each row's loss in each pass of the training-time test: that of its sequence, and what single drafts of the
 * response add to it.
 */
public final class LossWeights {
    private final TokenBatch tokens;
    private final int width;
    private final int passes;
    private final float[] values;

    private LossWeights(TokenBatch tokens, int passes, float[] values) {
        this.tokens = tokens;
        this.width = values.length / (passes * tokens.rows());
        this.passes = passes;
        this.values = values;
    }

    /**
     * The same for all rows of a sequence.
     *
     * @param sequences one per row of the batch
     */
    public static LossWeights ofSequences(TokenBatch tokens, float[] sequences) {
        if (sequences.length != tokens.rows()) {
            throw new IllegalArgumentException(
                    "%d weights for %d sequences".formatted(sequences.length, tokens.rows()));
        }
        return new LossWeights(tokens, 1, sequences.clone());
    }

    /** The same with a place for every row of every pass, for {@link #add}. */
    public LossWeights byRow(int passCount) {
        int columns = tokens.width();
        float[] rows = new float[passCount * tokens.rows() * columns];
        for (int at = 0; at < rows.length; at++) {
            rows[at] = values[at / columns % tokens.rows()];
        }
        return new LossWeights(tokens, passCount, rows);
    }

    /**
     * Adds to the weight of one draft: that of a response token by the verify step that had accepted {@code depth} drafts
     * before it. Pass {@code depth} computes it, in the row whose first draft was that step's.
     *
     * @param token counted from 0 in the response; at least {@code depth}, and above it after a prompt of one token
     * @param depth below the passes of {@link #byRow}
     */
    public void add(int sequence, int token, int depth, float weight) {
        int row = tokens.promptTokens().get(sequence).length + token - depth - 2;
        if (depth >= passes
                || token < depth
                || row < 0
                || token >= tokens.responseTokens().get(sequence).length) {
            throw new IllegalArgumentException("no row of %d passes drafts token %d of sequence %d at depth %d"
                    .formatted(passes, token, sequence, depth));
        }
        values[(depth * tokens.rows() + sequence) * width + row] += weight;
    }

    /** As {@link DistillationBatch#weights} has them. */
    NDArray array(NDManager owner) {
        return NativeArrays.of(owner, values, passes, tokens.rows(), width);
    }
}
