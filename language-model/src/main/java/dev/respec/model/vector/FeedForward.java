package dev.respec.model.vector;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/** Norm, gated feed-forward layer and residual addition. */
final class FeedForward {
    private final int hidden;
    private final int width;
    private final double epsilon;
    private final Projection gateUp;
    private final Projection down;
    private final ManyRows many;
    private float[] norm = new float[0];
    private int number;

    FeedForward(int hidden, int width, double epsilon, ManyRows many) {
        this.hidden = hidden;
        this.width = width;
        this.epsilon = epsilon;
        this.many = many;
        this.gateUp = new Projection(2 * width, hidden, many);
        this.down = new Projection(hidden, width, many);
    }

    void adopt(NDManager scope, float[] normWeight, float[] gate, float[] up, float[] downWeight) {
        norm = normWeight;
        gateUp.adoptFew(gate, up);
        down.adoptFew(downWeight);
        Shape wide = new Shape(width, hidden);
        number = many.addFeed(
                scope.create(gate, wide), scope.create(up, wide), scope.create(downWeight, new Shape(hidden, width)));
    }

    /** Multiplies rows of zeros with the layer; returns the floating-point operations done. */
    double multiply(Team team, int rows, int times) {
        float[] x = new float[rows * hidden];
        float[] y = new float[rows * gateUp.stride()];
        for (int i = 0; i < times; i++) {
            if (Projection.many(team, rows)) {
                many.feed(x, rows, hidden, x, number);
            } else {
                gateUp.apply(team, x, rows, y);
            }
        }
        return 2.0 * rows * times * hidden * width * (Projection.many(team, rows) ? 3 : 2);
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
        if (Projection.many(team, rows)) {
            many.feed(normed, rows, hidden, residual, number);
            return;
        }
        float[] gates = scratch.wide(rows * gateUp.stride());
        gateUp.apply(team, normed, rows, gates);
        float[] activated = scratch.activated(rows * width);
        team.each(rows, row -> Lanes.gatedSilu(gates, row * gateUp.stride(), width, activated, row * width));
        float[] product = scratch.product(rows * down.stride());
        down.apply(team, activated, rows, product);
        team.each(rows, row -> Lanes.add(residual, row * hidden, product, row * down.stride(), hidden));
    }
}
