package dev.respec.model.decoding;

import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.eagle3.Eagle3Drafter;
import dev.respec.model.sampling.ChainLimit;
import org.jspecify.annotations.Nullable;

/** What computes an {@link Eagle3Drafter}'s passes and holds its weights and cache. */
public interface DrafterKernel extends AutoCloseable {
    /**
     * Chains of B sequences.
     *
     * @param tokens target ids [B, steps]
     * @param counts by sequence: how many of its tokens were drafted
     * @param probabilities [B, steps, Vd] that they were drawn from; null for greedy ones
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
    record Chain(int[] tokens, int[] counts, float @Nullable [] probabilities) {}

    /**
     * How chains are drawn.
     *
     * @param steps most tokens of a chain
     * @param uniforms [steps, B]; not read when greedy
     * @param inverse of the temperature; 0 drafts greedily
     * @param limit ends chains before they have all steps
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
    record Draw(int steps, double[] uniforms, double inverse, ChainLimit limit) {
        public boolean isGreedy() {
            return inverse == 0;
        }

        public boolean isLimited() {
            return limit != ChainLimit.NONE;
        }
    }

    /**
     * Trees of B sequences, each array [B, total], node 0 the root: token -1, parent -1, depth 0.
     *
     * @param logProbabilities of the path to each node
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
    record Tree(int[] tokens, int[] parents, int[] depths, float[] logProbabilities) {}

    /** Replaces the weights. */
    void adopt(Eagle3Checkpoint checkpoint, HostTensor embeddings);

    void copySlot(int source, int target, int length);

    /** Rows behind the first ones of a slot are not needed any more. */
    default void truncateSlot(int slot, int length) {}

    /**
     * Extends neighbouring slots.
     *
     * @param numbers for each row the place of its features, its slot, its cache row, the token after it; then for each
     *     slot the index of its last row
     * @param columns to attend over at most
     */
    void extend(Features features, int firstSlot, long[] numbers, int batch, int columns);

    /**
     * Drafts behind the rows that were last in each slot.
     *
     * @param lengths cache rows of each slot
     */
    Chain chain(int firstSlot, long[] lengths, int columns, Draw draw);

    /** {@link #extend}, then {@link #chain}; the columns are those of the chain. */
    default Chain extendAndDraft(
            Features features, int firstSlot, long[] numbers, long[] lengths, int columns, Draw draw) {
        extend(features, firstSlot, numbers, lengths.length, columns);
        return chain(firstSlot, lengths, columns, draw);
    }

    /** The best nodes of as many passes of so many branches each; total counts the root. */
    Tree tree(int firstSlot, long[] lengths, int columns, int branching, int passes, int total);

    NDManager manager();

    @Override
    void close();
}
