package dev.respec.model.training;

import ai.djl.ndarray.NDArray;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.machine.CallList;
import dev.respec.model.machine.CausalSoftmaxKernel;
import dev.respec.model.machine.MachineCode;
import dev.respec.model.machine.ProductKernel;
import dev.respec.model.machine.TransposeKernel;
import dev.respec.model.training.LayerMemory.Transposed;
import dev.respec.model.training.LayerTensors.Tensor;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * All layers of a small policy forward and backward in machine code, float32.
 *
 * <p>Layer after layer. Rows that do not depend on each other are computed in chunks, which stay in the cache with the
 * layer's weights from one operation to the next. Gradients are added to the tensors given. Used by one thread at a time,
 * always with the same sums in the same order.
 */
final class MachineLayers implements AutoCloseable {
    /** Longest sequence; scores of a sequence are held whole. */
    static final int MOST_WIDTH = CausalSoftmaxKernel.MOST_COLUMNS;

    /** A multiple of the tiles of products. */
    private static final int CHUNK_ROWS = 132;

    private static final int FLOAT = Float.BYTES;

    private final LayerShape shape;
    private final int layers;
    private final LayerTensors weights;
    private final List<List<NDArray>> held;
    private final RotaryTable rotary;
    private final AttentionPass attention;
    private final FeedForwardPass feedForward;
    private final LayerMemory memory;
    private final CallList calls = new CallList();
    private final Map<Integer, TransposeKernel> transposing = new HashMap<>();
    private List<Segment> segments = List.of();
    private int tokens;

    /** Whether this processor, and a model of this kind, can be computed so. */
    static boolean supports(ModelConfig config) {
        return MachineCode.available() && !config.queryKeyNorm() && !config.outputBias();
    }

    /**
     * Layers of these tensors, which stay open as long as it is used.
     *
     * @param weights in the kernels' order
     * @param gradients in the same order
     */
    MachineLayers(ModelConfig config, List<NDArray> weights, List<NDArray> gradients) {
        shape = LayerShape.of(config);
        layers = config.layers();
        held = List.of(weights, gradients);
        this.weights = new LayerTensors(weights, layers);
        LayerTensors sums = new LayerTensors(gradients, layers);
        rotary = new RotaryTable(config);
        attention = new AttentionPass(shape, config.rmsNormEpsilon(), this.weights, sums, rotary);
        feedForward = new FeedForwardPass(shape, config.rmsNormEpsilon(), this.weights, sums);
        memory = new LayerMemory(shape, layers);
    }

    /** What happens to each layer's numbers. */
    enum Activations {
        KEPT,
        FORGOTTEN
    }

    /**
     * Replaces the embeddings by the last layer's output.
     *
     * @param rows [tokens, hidden]
     * @param segments of all rows, each after the one that it begins with
     */
    void forward(FloatBuffer rows, List<Segment> segments, Activations activations) {
        this.segments = segments;
        int longest = segments.stream().mapToInt(Segment::length).max().orElseThrow();
        tokens = segments.stream().mapToInt(Segment::rows).sum();
        rotary.reserve(longest);
        memory.reserve(tokens, CHUNK_ROWS, CausalAttention.scoreRow(longest), longest, activations);
        memory.write(memory.kept(0).input(), rows.duplicate());
        for (int at = 0; at < layers; at++) {
            int layer = at;
            transpose(layer);
            chunks(layer, attention::mix);
            attention.attend(whole(layer), segments);
            chunks(layer, work -> {
                attention.out(work);
                feedForward.forward(work, work.rowsOf(memory.kept(layer + 1).input(), shape.hidden()));
            });
        }
        calls.run();
        memory.read(memory.kept(layers).input(), rows.duplicate());
    }

    /** Replaces the gradient of the last layer's output by that of the embeddings; follows a forward pass that keeps. */
    void backward(FloatBuffer gradient) {
        memory.write(memory.gradients().stream(), gradient.duplicate());
        for (int layer = layers - 1; layer >= 0; layer--) {
            chunks(layer, work -> {
                feedForward.backward(work, work.rowsOf(memory.gradients().stream(), shape.hidden()));
                attention.outBackward(work);
            });
            attention.attendBackward(whole(layer), segments);
            chunks(layer, attention::mixBackward);
        }
        calls.run();
        memory.read(memory.gradients().stream(), gradient.duplicate());
    }

    private void chunks(int layer, Consumer<LayerWork> work) {
        for (int first = 0; first < tokens; first += CHUNK_ROWS) {
            work.accept(new LayerWork(calls, memory, layer, first, Math.min(CHUNK_ROWS, tokens - first)));
        }
    }

    private LayerWork whole(int layer) {
        return new LayerWork(calls, memory, layer, 0, tokens);
    }

    private void transpose(int layer) {
        Transposed into = memory.transposed();
        int hidden = shape.hidden();
        int queries = shape.queries();
        int inner = shape.inner();
        transpose(weights.address(layer, Tensor.QUERY), queries, hidden, into.query());
        transpose(weights.address(layer, Tensor.KEY), shape.keys(), hidden, into.key());
        transpose(weights.address(layer, Tensor.VALUE), shape.keys(), hidden, into.value());
        transpose(weights.address(layer, Tensor.OUT), hidden, queries, into.out());
        transpose(weights.address(layer, Tensor.GATE), inner, hidden, into.gate());
        transpose(weights.address(layer, Tensor.UP), inner, hidden, into.up());
        transpose(weights.address(layer, Tensor.DOWN), hidden, inner, into.down());
    }

    /** A matrix [outputs, inputs] into panels of outputs. */
    private void transpose(long from, int outputs, int inputs, long to) {
        TransposeKernel kernel = transposing.computeIfAbsent(
                inputs, width -> new TransposeKernel(width * FLOAT, ProductKernel.PANEL_BYTES));
        for (int output = 0; output < outputs; output += ProductKernel.PANEL) {
            kernel.transpose(
                    calls,
                    Math.min(ProductKernel.PANEL, outputs - output),
                    inputs,
                    from + (long) output * inputs * FLOAT,
                    to + (long) output * inputs * FLOAT);
        }
    }

    @Override
    public void close() {
        memory.close();
        held.forEach(arrays -> arrays.forEach(NDArray::close));
    }
}
