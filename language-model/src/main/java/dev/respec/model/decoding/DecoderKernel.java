package dev.respec.model.decoding;

import ai.djl.ndarray.NDManager;
import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.sampling.LogitWeights;
import dev.respec.model.sampling.SampledRows;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** What computes a {@link TargetModel}'s steps and holds its weights and caches; methods as there. */
public interface DecoderKernel extends AutoCloseable {
    /** In words. */
    String name();

    /** Replaces the weights. */
    void adopt(Checkpoint checkpoint);

    /**
     * One pass.
     *
     * @param everyRow whether logits of all tokens are wanted, or of the first only
     */
    void step(int firstSlot, TokenGrid grid, boolean everyRow, Logits logits);

    /** Whether {@link #sample} is there: rows are drawn from where they are computed. */
    default boolean samples() {
        return false;
    }

    /**
     * One pass with a token drawn from each row.
     *
     * @param draws for each row its inverse temperature, 0 for the most likely token at temperature 1; then for each row
     *     the number in [0, 1) at which the cumulative distribution is passed
     */
    default SampledRows sample(int firstSlot, TokenGrid grid, double[] draws) {
        throw new UnsupportedOperationException(name());
    }

    /** What turns its logits into probabilities. */
    default LogitWeights logitWeights() {
        return LogitWeights.PLAIN;
    }

    /** Calls work with 0 to parts - 1, each once, on the threads that compute steps; returns when all are done. */
    default void share(int parts, IntConsumer work) {
        for (int part = 0; part < parts; part++) {
            work.accept(part);
        }
    }

    /** Reads memory of the device, for measuring, if it is not the host's; returns the bytes read, 0 if it is. */
    default long readDevice() {
        return 0;
    }

    /** Multiplies rows with the first layer's feed-forward matrices, the first of them or all; returns the floating-point operations done. */
    double multiply(int rows, int times);

    void moveColumns(long[] slots, long[] sources, long[] targets);

    /** Gives a slot the first columns of another: a copy, or by reference if slots are made of {@link #pages}. */
    void copySlot(int source, int target, int length);

    /** The first columns of a slot become memory that no other slot has. */
    default void ownColumns(int slot, int columns) {}

    /** Nothing in a slot is needed any more. */
    default void releaseSlot(int slot) {}

    /** What the slots are made of; null if each of them is memory of its own. */
    default @Nullable PageTable pages() {
        return null;
    }

    /** Features of positions already computed, valid until the next step; what the native library needs is owned by the manager. */
    Features features(NDManager owner, long[] slotOfRow, long[] positionOfRow);

    NDManager manager();

    @Override
    void close();
}
