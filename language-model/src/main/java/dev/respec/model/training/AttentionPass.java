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
import dev.respec.model.training.CausalAttention.Rows;
import dev.respec.model.training.LayerMemory.Room;
import dev.respec.model.training.LayerTensors.Tensor;
import java.util.HashMap;
import java.util.List;
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
        intoMixed = new ProductKernel(new Strides(hidden, FLOAT, panel, mixed, biased ? 0 : ProductKernel.FROM_ZERO));
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

    /** Queries, keys and values of the layer's input. */
    void mix(LayerWork work) {
        CallList calls = work.calls();
        Room room = work.room();
        int hidden = shape.hidden();
        long input = work.rowsOf(work.kept().input(), hidden);
        long mixed = work.rowsOf(work.kept().mixed(), shape.mixed());
        norm.forward(calls, work.rows(), input, weights.address(work.layer(), Tensor.INPUT_NORM), room.normed());
        long panel = (long) hidden * ProductKernel.PANEL_BYTES;
        for (Third third : Third.values()) {
            Size size = new Size(work.rows(), third.width(shape), hidden);
            Panels matrix = new Panels(third.transposed(work.transposed()), panel);
            long bias = weights.address(work.layer(), third.bias);
            intoMixed.multiply(calls, size, room.normed(), matrix, mixed + third.at(shape), bias);
        }
    }

    /** Attention of all rows; segments come after those that they begin with. */
    void attend(LayerWork work, List<Segment> segments) {
        CausalAttention attention = attention(segments);
        Rows rows = rows(work);
        for (Segment segment : segments) {
            long mixed = rows.mixed() + (long) segment.first() * shape.mixed() * FLOAT;
            turn.forward(work.calls(), segment.rows(), mixed, cosines(segment), sines(segment));
            attention.forward(work.calls(), work.room(), rows, segment);
        }
    }

    /** From what attention made to the layer's middle. */
    void out(LayerWork work) {
        int hidden = shape.hidden();
        int queries = shape.queries();
        long attended = work.rowsOf(work.kept().attended(), queries);
        Panels outs = new Panels(work.transposed().out(), (long) queries * ProductKernel.PANEL_BYTES);
        long middle = work.rowsOf(work.kept().middle(), hidden);
        long input = work.rowsOf(work.kept().input(), hidden);
        out.multiply(work.calls(), new Size(work.rows(), hidden, queries), attended, outs, middle, input);
    }

    /** From the gradient of the layer's middle to that of what attention made. */
    void outBackward(LayerWork work) {
        CallList calls = work.calls();
        int hidden = shape.hidden();
        int queries = shape.queries();
        int layer = work.layer();
        long gradient = work.rowsOf(work.memory().gradients().stream(), hidden);
        long ofAttended = work.rowsOf(work.memory().gradients().attended(), queries);
        Panels outs = Panels.of(weights.address(layer, Tensor.OUT));
        throughOut.multiply(calls, new Size(work.rows(), queries, hidden), gradient, outs, ofAttended, 0);
        Panels attended = Panels.of(work.rowsOf(work.kept().attended(), queries));
        long ofOuts = gradients.address(layer, Tensor.OUT);
        ofOut.multiply(calls, new Size(hidden, queries, work.rows()), gradient, attended, ofOuts, ofOuts);
    }

    /** The gradient of all rows' queries, keys and values. */
    void attendBackward(LayerWork work, List<Segment> segments) {
        CausalAttention attention = attention(segments);
        Rows rows = rows(work);
        Rows ofRows = new Rows(
                work.memory().gradients().mixed(), work.memory().gradients().attended(), 0, 0);
        for (Segment segment : segments) {
            attention.backward(work.calls(), work.room(), rows, segment, ofRows);
        }
        // when every segment has added to the rows it begins with
        for (Segment segment : segments) {
            long mixed = ofRows.mixed() + (long) segment.first() * shape.mixed() * FLOAT;
            turn.backward(work.calls(), segment.rows(), mixed, cosines(segment), sines(segment));
        }
    }

    /** From the gradient of queries, keys and values to that of the layer's input. */
    void mixBackward(LayerWork work) {
        CallList calls = work.calls();
        Room room = work.room();
        int hidden = shape.hidden();
        long ofMixed = work.rowsOf(work.memory().gradients().mixed(), shape.mixed());
        for (Third third : Third.values()) {
            ProductKernel through = third == Third.QUERIES ? throughQueries : throughMore;
            Size size = new Size(work.rows(), hidden, third.width(shape));
            Panels matrix = Panels.of(weights.address(work.layer(), third.matrix));
            through.multiply(calls, size, ofMixed + third.at(shape), matrix, room.ofNormed(), room.ofNormed());
        }
        norm.backward(
                calls,
                work.rows(),
                work.rowsOf(work.kept().input(), hidden),
                weights.address(work.layer(), Tensor.INPUT_NORM),
                room.normed(),
                new NormKernel.Gradients(
                        room.ofNormed(),
                        work.rowsOf(work.memory().gradients().stream(), hidden),
                        gradients.address(work.layer(), Tensor.INPUT_NORM)));
        for (Third third : Third.values()) {
            weightBackward(work, third, ofMixed + third.at(shape));
        }
    }

    private void weightBackward(LayerWork work, Third third, long ofThird) {
        CallList calls = work.calls();
        int width = third.width(shape);
        long matrix = gradients.address(work.layer(), third.matrix);
        long bias = gradients.address(work.layer(), third.bias);
        Panels normed = Panels.of(work.room().normed());
        ofMixed.multiply(calls, new Size(width, shape.hidden(), work.rows()), ofThird, normed, matrix, matrix);
        if (bias != 0) {
            sums.multiply(calls, new Size(1, width, work.rows()), one.address(), Panels.of(ofThird), bias, bias);
        }
    }

    private CausalAttention attention(List<Segment> segments) {
        int longest = segments.stream().mapToInt(Segment::length).max().orElseThrow();
        return attentions.computeIfAbsent(
                CausalAttention.scoreRow(longest), scoreRow -> new CausalAttention(shape, scoreRow));
    }

    private Rows rows(LayerWork work) {
        return new Rows(
                work.kept().mixed(),
                work.kept().attended(),
                work.kept().softmax(),
                (long) work.memory().tokens() * CausalSoftmaxKernel.KEPT_BYTES);
    }

    private long cosines(Segment segment) {
        return rotary.cosines(segment.prefixRows());
    }

    private long sines(Segment segment) {
        return rotary.sines(segment.prefixRows());
    }
}
