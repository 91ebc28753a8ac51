package dev.respec.model.vector;

import dev.respec.model.checkpoint.HostTensor;

/** A feed-forward layer on vectors: few rows here, in float32, many in the native library. */
final class VectorFeedForward implements FeedForward {
    private final int hidden;
    private final int width;
    private final double epsilon;
    private final Team team;
    private final VectorRows normed;
    private final VectorRows activated;
    private final VectorProjection gateUp;
    private final VectorProjection down;
    private final ManyRows many;
    private float[] norm = new float[0];
    private float[] gates = new float[0];
    private int number;

    VectorFeedForward(VectorRows normed, VectorRows activated, double epsilon, Team team, ManyRows many) {
        this.hidden = normed.inputs();
        this.width = activated.inputs();
        this.epsilon = epsilon;
        this.team = team;
        this.normed = normed;
        this.activated = activated;
        this.many = many;
        this.gateUp = new VectorProjection(2 * width, normed, team, null);
        this.down = new VectorProjection(hidden, activated, team, null);
    }

    @Override
    public void adopt(float[] normWeight, HostTensor gate, HostTensor up, HostTensor downWeight) {
        norm = normWeight;
        gateUp.adopt(gate, up);
        down.adopt(downWeight);
        number = many.addFeed(width, gate, up, downWeight);
    }

    @Override
    public void apply(float[] residual, int rows) {
        team.each(rows, row -> normed.norm(row, residual, row * hidden, norm, epsilon));
        if (VectorProjection.many(team, rows)) {
            many.feed(normed.values(), rows, hidden, residual, number);
            return;
        }
        gates = Scratch.atLeast(gates, rows * gateUp.stride());
        gateUp.apply(rows, gates);
        team.each(rows, row -> Lanes.gatedSilu(gates, row * gateUp.stride(), width, activated.values(), row * width));
        down.addTo(rows, residual);
    }

    @Override
    public double multiply(int rows, int times) {
        float[] x = new float[rows * hidden];
        float[] y = new float[rows * gateUp.stride()];
        boolean whole = VectorProjection.many(team, rows);
        normed.reserve(rows);
        for (int i = 0; i < times; i++) {
            if (whole) {
                many.feed(x, rows, hidden, x, number);
            } else {
                gateUp.apply(rows, y);
            }
        }
        return 2.0 * rows * times * hidden * width * (whole ? 3 : 2);
    }
}
