package dev.respec.model.vector;

import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.machine.DotKernel;
import dev.respec.model.machine.GateKernel;
import dev.respec.model.machine.NativeArena;
import java.util.List;

/**
 * A feed-forward layer by the processor's dot products.
 *
 * <p>Two panels of the gate are followed by the two of the same outputs of up, so that whoever has multiplied them has the
 * 32 activations of a group of the next product's inputs, and they go there without a detour.
 */
final class DotFeedForward implements FeedForward {
    private static final int PANELS_OF_HALF = DotKernel.GROUP / DotKernel.PANEL;
    private static final int PANELS_OF_GROUP = 2 * PANELS_OF_HALF;

    private final int hidden;
    private final int width;
    private final double epsilon;
    private final Team team;
    private final DotRows normed;
    private final DotRows activated;
    private final Panels gateUp;
    private final DotProjection down;
    /** What the panels of gate and up hold; tensors do not change. */
    private List<HostTensor> held = List.of();

    private float[] norm = new float[0];

    DotFeedForward(DotRows normed, DotRows activated, double epsilon, Team team, NativeArena arena) {
        this.hidden = normed.inputs();
        this.width = activated.inputs();
        this.epsilon = epsilon;
        this.team = team;
        this.normed = normed;
        this.activated = activated;
        this.gateUp = new Panels(normed, groups() * PANELS_OF_GROUP, arena);
        this.down = new DotProjection(hidden, activated, team, arena);
    }

    private int groups() {
        return DotRows.padded(width) / DotKernel.GROUP;
    }

    @Override
    public void adopt(float[] normWeight, HostTensor gate, HostTensor up, HostTensor downWeight) {
        norm = normWeight;
        down.adopt(downWeight);
        if (held.equals(List.of(gate, up))) {
            return;
        }
        StackedRows weights = new StackedRows(hidden, gate, up).requireRows(2 * width);
        held = List.of();
        team.pieces(groups(), Math.max(1, gateUp.panelsOfPiece() / PANELS_OF_GROUP), (from, to) -> {
            for (int panel = from * PANELS_OF_GROUP; panel < to * PANELS_OF_GROUP; panel++) {
                int half = panel % PANELS_OF_GROUP / PANELS_OF_HALF;
                int first = panel / PANELS_OF_GROUP * DotKernel.GROUP + panel % PANELS_OF_HALF * DotKernel.PANEL;
                int outputs = Math.max(0, Math.min(DotKernel.PANEL, width - first));
                gateUp.set(panel, weights, half * width + first, outputs);
            }
            int end = Math.min(width, to * DotKernel.GROUP);
            weights.release(from * DotKernel.GROUP, end);
            weights.release(width + from * DotKernel.GROUP, width + end);
        });
        held = List.of(gate, up);
    }

    @Override
    public void apply(float[] residual, int rows) {
        team.each(rows, row -> normed.norm(row, residual, row * hidden, norm, epsilon));
        team.share(groups(), (from, to) -> {
            Panels.Result result = gateUp.multiply(rows, from * PANELS_OF_GROUP, to * PANELS_OF_GROUP);
            GateKernel.activate(
                    result.call(),
                    result.sums().address(),
                    to - from,
                    rows,
                    activated.address() + (long) from * DotKernel.GROUP * Short.BYTES,
                    activated.rowBytes());
        });
        down.addTo(rows, residual);
    }

    @Override
    public double multiply(int rows, int times) {
        float[] y = new float[rows * down.stride()];
        activated.reserve(rows);
        for (int i = 0; i < times; i++) {
            down.apply(rows, y);
        }
        return 2.0 * rows * times * hidden * width;
    }
}
