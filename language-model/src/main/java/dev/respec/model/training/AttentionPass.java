package dev.respec.model.training;

import dev.respec.model.machine.CallList;
import dev.respec.model.machine.CausalSoftmaxKernel;
import dev.respec.model.machine.NativeFloats;
import dev.respec.model.machine.NormKernel;
import dev.respec.model.machine.ProductKernel;
import dev.respec.model.machine.ProductKernel.Panels;
import dev.respec.model.machine.ProductKernel.Size;
import dev.respec.model.machine.ProductKernel.Strides;
import dev.respec.model.machine.TurnKernel;
import dev.respec.model.training.CausalAttention.Sequence;
import dev.respec.model.training.LayerMemory.Room;
import dev.respec.model.training.LayerTensors.Tensor;
import java.util.HashMap;
import java.util.Map;

/** The first half of a layer: x + out(attention(norm(x))), and its gradient. */
final class AttentionPass {
    private static final int FLOAT = Float.BYTES;

    private final LayerShape shape;
    private final LayerTensors weights;
    private final LayerTensors gradients;
    private final RotaryTable rotary;
    private final NormKernel norm;
    private final TurnKernel turn;
    private final ProductKernel intoMixed;
    private final ProductKernel out;
    private final ProductKernel throughOut;
    private final ProductKernel ofOut;
    private final ProductKernel throughQueries;
    private final ProductKernel throughMore;
    private final ProductKernel ofMixed;
    private final ProductKernel sums;
    private final NativeFloats one = new NativeFloats();
    private final Map<Integer, CausalAttention> attentions = new HashMap<>();

    /** A part of queries, keys and values side by side. */
    private enum Third {
        QUERIES(Tensor.QUERY, Tensor.QUERY_BIAS),
        KEYS(Tensor.KEY, Tensor.KEY_BIAS),
        VALUES(Tensor.VALUE, Tensor.VALUE_BIAS);

        private final Tensor matrix;
        private final Tensor bias;

        Third(Tensor matrix, Tensor bias) {
            this.matrix = matrix;
            this.bias = bias;
        }

        int width(LayerShape shape) {
            return this == QUERIES ? shape.queries() : shape.keys();
        }

        /** Bytes before it. */
        long at(LayerShape shape) {
            return switch (this) {
                case QUERIES -> 0;
                case KEYS -> (long) shape.queries() * FLOAT;
                case VALUES -> (long) (shape.queries() + shape.keys()) * FLOAT;
            };
        }

        long transposed(LayerMemory.Transposed all) {
            return switch (this) {
                case QUERIES -> all.query();
                case KEYS -> all.key();
                case VALUES -> all.value();
            };
        }
    }

    AttentionPass(LayerShape shape, double epsilon, LayerTensors weights, LayerTensors gradients, RotaryTable rotary) {
        this.shape = shape;
        this.weights = weights;
        this.gradients = gradients;
        this.rotary = rotary;
        int hidden = shape.hidden() * FLOAT;
        int queries = shape.queries() * FLOAT;
        int mixed = shape.mixed() * FLOAT;
        int panel = ProductKernel.PANEL_BYTES;
        boolean biased = weights.address(0, Tensor.QUERY_BIAS) != 0;
        norm = new NormKernel(shape.hidden(), epsilon);
        turn = new TurnKernel(shape.heads() + shape.keyValueHeads(), shape.dimension(), mixed);
        intoMixed = new ProductKernel(
                new Strides(hidden, FLOAT, panel, mixed, biased ? 0 : ProductKernel.FROM_ZERO));
        out = new ProductKernel(new Strides(queries, FLOAT, panel, hidden, hidden));
        throughOut = new ProductKernel(new Strides(hidden, FLOAT, queries, queries, ProductKernel.FROM_ZERO));
        ofOut = new ProductKernel(new Strides(FLOAT, hidden, queries, queries, queries));
        throughQueries = new ProductKernel(new Strides(mixed, FLOAT, hidden, hidden, ProductKernel.FROM_ZERO));
        throughMore = new ProductKernel(new Strides(mixed, FLOAT, hidden, hidden, hidden));
        ofMixed = new ProductKernel(new Strides(FLOAT, mixed, hidden, hidden, hidden));
        sums = new ProductKernel(new Strides(0, 0, mixed, 0, 0));
        one.reserve(1);
        one.floats().put(0, 1f);
    }

    /** From the layer's input to its middle. */
    void forward(LayerWork work) {
        CallList calls = work.calls();
        Room room = work.room();
        int rows = work.rows();
        int hidden = shape.hidden();
        int layer = work.layer();
        long input = work.rowsOf(work.kept().input(), hidden);
        long mixed = work.rowsOf(work.kept().mixed(), shape.mixed());
        norm.forward(calls, rows, input, weights.address(layer, Tensor.INPUT_NORM), room.normed());
        long panel = (long) hidden * ProductKernel.PANEL_BYTES;
        for (Third third : Third.values()) {
            Size size = new Size(rows, third.width(shape), hidden);
            Panels matrix = new Panels(third.transposed(work.transposed()), panel);
            long bias = weights.address(layer, third.bias);
            intoMixed.multiply(calls, size, room.normed(), matrix, mixed + third.at(shape), bias);
        }
        for (int i = 0; i < work.sequences(); i++) {
            Sequence sequence = sequence(work, i);
            turn.forward(calls, work.width(), sequence.mixed(), rotary.cosines(), rotary.sines());
            attention(work.width()).forward(calls, room, sequence);
        }
        long attended = work.rowsOf(work.kept().attended(), shape.queries());
        Panels outs = new Panels(work.transposed().out(), (long) shape.queries() * ProductKernel.PANEL_BYTES);
        long middle = work.rowsOf(work.kept().middle(), hidden);
        out.multiply(calls, new Size(rows, hidden, shape.queries()), attended, outs, middle, input);
    }

    /** From the gradient of the layer's middle, in place, to that of its input. */
    void backward(LayerWork work, long gradient) {
        CallList calls = work.calls();
        Room room = work.room();
        int rows = work.rows();
        int queries = shape.queries();
        int layer = work.layer();
        long attended = work.rowsOf(work.kept().attended(), queries);
        Panels outs = Panels.of(weights.address(layer, Tensor.OUT));
        throughOut.multiply(
                calls, new Size(rows, queries, shape.hidden()), gradient, outs, room.ofInner(), 0);
        long ofOuts = gradients.address(layer, Tensor.OUT);
        ofOut.multiply(
                calls, new Size(shape.hidden(), queries, rows), gradient, Panels.of(attended), ofOuts, ofOuts);
        for (int i = 0; i < work.sequences(); i++) {
            long before = (long) i * work.width() * FLOAT;
            long ofMixedRows = room.ofDoors() + before * shape.mixed();
            attention(work.width())
                    .backward(calls, room, sequence(work, i), room.ofInner() + before * queries, ofMixedRows);
            turn.backward(calls, work.width(), ofMixedRows, rotary.cosines(), rotary.sines());
        }
        mixedBackward(work, gradient);
    }

    private void mixedBackward(LayerWork work, long gradient) {
        CallList calls = work.calls();
        Room room = work.room();
        int rows = work.rows();
        int hidden = shape.hidden();
        int layer = work.layer();
        for (Third third : Third.values()) {
            ProductKernel through = third == Third.QUERIES ? throughQueries : throughMore;
            Size size = new Size(rows, hidden, third.width(shape));
            Panels matrix = Panels.of(weights.address(layer, third.matrix));
            through.multiply(
                    calls, size, room.ofDoors() + third.at(shape), matrix, room.ofNormed(), room.ofNormed());
        }
        norm.backward(
                calls,
                rows,
                work.rowsOf(work.kept().input(), hidden),
                weights.address(layer, Tensor.INPUT_NORM),
                room.normed(),
                new NormKernel.Gradients(
                        room.ofNormed(), gradient, gradients.address(layer, Tensor.INPUT_NORM)));
        for (Third third : Third.values()) {
            long of = room.ofDoors() + third.at(shape);
            long matrix = gradients.address(layer, third.matrix);
            long bias = gradients.address(layer, third.bias);
            ofMixed.multiply(
                    calls,
                    new Size(third.width(shape), hidden, rows),
                    of,
                    Panels.of(room.normed()),
                    matrix,
                    matrix);
            if (bias != 0) {
                sums.multiply(calls, new Size(1, third.width(shape), rows), one.address(), Panels.of(of), bias, bias);
            }
        }
    }

    private CausalAttention attention(int width) {
        return attentions.computeIfAbsent(
                CausalAttention.scoreRow(width), scoreRow -> new CausalAttention(shape, scoreRow));
    }

    private Sequence sequence(LayerWork work, int index) {
        long row = work.first() + (long) index * work.width();
        return new Sequence(
                work.width(),
                work.kept().mixed() + row * shape.mixed() * FLOAT,
                work.kept().attended() + row * shape.queries() * FLOAT,
                work.kept().softmax() + row * CausalSoftmaxKernel.KEPT_BYTES,
                (long) work.memory().tokens() * CausalSoftmaxKernel.KEPT_BYTES);
    }
}
