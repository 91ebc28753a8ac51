package dev.respec.model.training;

import dev.respec.model.machine.CallList;
import dev.respec.model.machine.NormKernel;
import dev.respec.model.machine.ProductKernel;
import dev.respec.model.machine.ProductKernel.Panels;
import dev.respec.model.machine.ProductKernel.Size;
import dev.respec.model.machine.ProductKernel.Strides;
import dev.respec.model.machine.SwiGluKernel;
import dev.respec.model.training.LayerMemory.Room;
import dev.respec.model.training.LayerTensors.Tensor;

/** The second half of a layer: x + down(silu(gate(norm(x))) * up(norm(x))), and its gradient. */
final class FeedForwardPass {
    private static final int FLOAT = Float.BYTES;

    private final LayerShape shape;
    private final LayerTensors weights;
    private final LayerTensors gradients;
    private final NormKernel norm;
    private final SwiGluKernel gates;
    private final ProductKernel intoDoors;
    private final ProductKernel down;
    private final ProductKernel throughDown;
    private final ProductKernel throughGate;
    private final ProductKernel throughUp;
    private final ProductKernel ofDown;
    private final ProductKernel ofDoors;

    FeedForwardPass(LayerShape shape, double epsilon, LayerTensors weights, LayerTensors gradients) {
        this.shape = shape;
        this.weights = weights;
        this.gradients = gradients;
        int hidden = shape.hidden() * FLOAT;
        int inner = shape.inner() * FLOAT;
        int doors = shape.doors() * FLOAT;
        int panel = ProductKernel.PANEL_BYTES;
        norm = new NormKernel(shape.hidden(), epsilon);
        gates = new SwiGluKernel(shape.inner());
        intoDoors = new ProductKernel(new Strides(hidden, FLOAT, panel, doors, ProductKernel.FROM_ZERO));
        down = new ProductKernel(new Strides(inner, FLOAT, panel, hidden, hidden));
        throughDown = new ProductKernel(new Strides(hidden, FLOAT, inner, inner, ProductKernel.FROM_ZERO));
        throughGate = new ProductKernel(new Strides(doors, FLOAT, hidden, hidden, ProductKernel.FROM_ZERO));
        throughUp = new ProductKernel(new Strides(doors, FLOAT, hidden, hidden, hidden));
        ofDown = new ProductKernel(new Strides(FLOAT, hidden, inner, inner, inner));
        ofDoors = new ProductKernel(new Strides(FLOAT, doors, hidden, hidden, hidden));
    }

    /** From the middle of the layer to its output. */
    void forward(LayerWork work, long output) {
        CallList calls = work.calls();
        Room room = work.room();
        int rows = work.rows();
        int hidden = shape.hidden();
        int inner = shape.inner();
        long middle = work.rowsOf(work.kept().middle(), hidden);
        long doors = work.rowsOf(work.kept().doors(), shape.doors());
        norm.forward(calls, rows, middle, weights.address(work.layer(), Tensor.FEED_NORM), room.normed());
        Size into = new Size(rows, inner, hidden);
        long panel = (long) hidden * ProductKernel.PANEL_BYTES;
        intoDoors.multiply(
                calls, into, room.normed(), new Panels(work.transposed().gate(), panel), doors, 0);
        long ups = doors + (long) inner * FLOAT;
        intoDoors.multiply(
                calls, into, room.normed(), new Panels(work.transposed().up(), panel), ups, 0);
        gates.forward(calls, rows, doors, room.gated());
        Panels back = new Panels(work.transposed().down(), (long) inner * ProductKernel.PANEL_BYTES);
        down.multiply(calls, new Size(rows, hidden, inner), room.gated(), back, output, middle);
    }

    /** From the gradient of the layer's output, in place, to that of its middle. */
    void backward(LayerWork work, long gradient) {
        CallList calls = work.calls();
        Room room = work.room();
        int layer = work.layer();
        int rows = work.rows();
        int hidden = shape.hidden();
        int inner = shape.inner();
        long doors = work.rowsOf(work.kept().doors(), shape.doors());
        Panels downs = Panels.of(weights.address(layer, Tensor.DOWN));
        throughDown.multiply(calls, new Size(rows, inner, hidden), gradient, downs, room.ofInner(), 0);
        gates.backward(calls, rows, doors, room.gated(), room.ofInner(), room.ofDoors());
        long ofDowns = gradients.address(layer, Tensor.DOWN);
        ofDown.multiply(calls, new Size(hidden, inner, rows), gradient, Panels.of(room.gated()), ofDowns, ofDowns);

        Size through = new Size(rows, hidden, inner);
        long ofUps = room.ofDoors() + (long) inner * FLOAT;
        Panels gate = Panels.of(weights.address(layer, Tensor.GATE));
        Panels up = Panels.of(weights.address(layer, Tensor.UP));
        throughGate.multiply(calls, through, room.ofDoors(), gate, room.ofNormed(), 0);
        throughUp.multiply(calls, through, ofUps, up, room.ofNormed(), room.ofNormed());
        norm.backward(
                calls,
                rows,
                work.rowsOf(work.kept().middle(), hidden),
                weights.address(layer, Tensor.FEED_NORM),
                room.normed(),
                new NormKernel.Gradients(room.ofNormed(), gradient, gradients.address(layer, Tensor.FEED_NORM)));
        Size of = new Size(inner, hidden, rows);
        Panels normed = Panels.of(room.normed());
        long ofGate = gradients.address(layer, Tensor.GATE);
        long ofUp = gradients.address(layer, Tensor.UP);
        ofDoors.multiply(calls, of, room.ofDoors(), normed, ofGate, ofGate);
        ofDoors.multiply(calls, of, ofUps, normed, ofUp, ofUp);
    }
}
