package dev.respec.model.decoding;

import ai.djl.ndarray.NDManager;
import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.Checkpoint;

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

    /** Multiplies rows with the first layer's feed-forward matrices, the first of them or all; returns the floating-point operations done. */
    double multiply(int rows, int times);

    void moveColumns(long[] slots, long[] sources, long[] targets);

    void copySlot(int source, int target, int length);

    /** Features of positions already computed, valid until the next step; what the native library needs is owned by the manager. */
    Features features(NDManager owner, long[] slotOfRow, long[] positionOfRow);

    NDManager manager();

    @Override
    void close();
}
