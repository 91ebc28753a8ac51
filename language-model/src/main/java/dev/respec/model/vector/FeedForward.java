package dev.respec.model.vector;

import ai.djl.ndarray.NDManager;

/** Norm, gated feed-forward layer and residual addition. */
final class FeedForward {
    private final int hidden;
    private final int width;
    private final double epsilon;
    private final Projection gateUp;
    private final Projection down;
    private float[] norm = new float[0];

    FeedForward(int hidden, int width, double epsilon, ManyRows many) {
        this.hidden = hidden;
        this.width = width;
        this.epsilon = epsilon;
        this.gateUp = new Projection(2 * width, hidden, many);
        this.down = new Projection(hidden, width, many);
    }

    void adopt(NDManager scope, float[] normWeight, float[] gate, float[] up, float[] downWeight) {
        norm = normWeight;
        gateUp.adopt(scope, gate, up);
        down.adopt(scope, downWeight);
    }

    Projection largest() {
        return gateUp;
    }

    /**
     * residual += attention's output, then residual += feed-forward(norm(residual)).
     *
     * @param output of attention, [rows, outputStride]
     */
    void apply(Team team, Scratch scratch, float[] residual, float[] output, int outputStride, int rows) {
        float[] normed = scratch.normed(rows * hidden);
        team.each(rows, row -> {
            Lanes.add(residual, row * hidden, output, row * outputStride, hidden);
            Lanes.rmsNorm(residual, row * hidden, norm, epsilon, normed, row * hidden);
        });
        float[] gates = scratch.wide(rows * gateUp.stride());
        gateUp.apply(team, normed, rows, gates);
        float[] activated = scratch.activated(rows * width);
        team.each(rows, row -> Lanes.gatedSilu(gates, row * gateUp.stride(), width, activated, row * width));
        float[] product = scratch.product(rows * down.stride());
        down.apply(team, activated, rows, product);
        team.each(rows, row -> Lanes.add(residual, row * hidden, product, row * down.stride(), hidden));
    }
}
