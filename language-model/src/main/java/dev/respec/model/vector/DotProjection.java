package dev.respec.model.vector;

import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.machine.DotKernel;
import dev.respec.model.machine.NativeArena;
import java.util.List;

/** A linear map by the processor's dot products: weights and activations in bfloat16, sums in float32. */
final class DotProjection implements Projection {
    private final int outputs;
    private final int inputs;
    private final Team team;
    private final Panels panels;
    /** What the panels hold; tensors do not change. */
    private List<HostTensor> held = List.of();

    DotProjection(int outputs, DotRows rows, Team team, NativeArena arena) {
        this.outputs = outputs;
        this.inputs = rows.inputs();
        this.team = team;
        this.panels = new Panels(rows, Panels.panels(outputs), arena);
    }

    @Override
    public int stride() {
        return panels.count() * DotKernel.PANEL;
    }

    @Override
    public void adopt(HostTensor... matrices) {
        if (held.equals(List.of(matrices))) {
            return;
        }
        StackedRows weights = new StackedRows(inputs, matrices).requireRows(outputs);
        held = List.of();
        team.pieces(panels.count(), panels.panelsOfPiece(), (from, to) -> {
            for (int panel = from; panel < to; panel++) {
                int first = panel * DotKernel.PANEL;
                panels.set(panel, weights, first, Math.min(DotKernel.PANEL, outputs - first));
            }
            weights.release(from * DotKernel.PANEL, to * DotKernel.PANEL);
        });
        held = List.of(matrices);
    }

    @Override
    public void weights(int output, float[] to, int at) {
        panels.get(output, to, at);
    }

    @Override
    public void apply(int rows, float[] y) {
        team.share(panels.count(), (from, to) -> {
            int width = (to - from) * DotKernel.PANEL;
            Panels.Result result = panels.multiply(rows, from, to);
            for (int row = 0; row < rows; row++) {
                result.sums().floats().get(row * width, y, row * stride() + from * DotKernel.PANEL, width);
            }
        });
    }

    @Override
    public void addTo(int rows, float[] sums) {
        team.share(panels.count(), (from, to) -> {
            int width = (to - from) * DotKernel.PANEL;
            int first = from * DotKernel.PANEL;
            Panels.Result result = panels.multiply(rows, from, to);
            for (int row = 0; row < rows; row++) {
                float[] part = result.read(row * width, width);
                Lanes.add(sums, row * outputs + first, part, 0, Math.min(width, outputs - first));
            }
        });
    }
}
