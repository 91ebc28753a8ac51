package dev.respec.model.vector;

import dev.respec.model.checkpoint.HostTensor;

/** Norm, gated feed-forward layer and residual addition. */
interface FeedForward {
    /**
     * Takes new weights.
     *
     * @param norm [hidden]
     * @param gate [width, hidden], as up
     * @param down [hidden, width]
     */
    void adopt(float[] norm, HostTensor gate, HostTensor up, HostTensor down);

    /** residual += feed-forward(norm(residual)), [rows, hidden]; rows are reserved. */
    void apply(float[] residual, int rows);

    /** Multiplies rows of zeros with the layer's matrices; returns the floating-point operations done. */
    double multiply(int rows, int times);
}
