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

/**
 * All layers of a small policy forward and backward in machine code, float32.
 *
 * <p>Layer after layer, a few sequences at a time: the rows of a chunk and the layer's weights stay in the cache from one
 * operation to the next. Gradients are added to the tensors given. Used by one thread at a time, always with the same sums
 * in the same order.
 */
final class MachineLayers implements AutoCloseable {
    /** Longest sequence; scores of a sequence are held whole. */
    static final int MOST_WIDTH = CausalSoftmaxKernel.MOST_COLUMNS;

    private static final int CHUNK_ROWS = 128;
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
    private int sequences;
    private int width;

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
     * @param rows [sequences, width, hidden]
     */
    void forward(FloatBuffer rows, int sequences, int width, Activations activations) {
        this.sequences = sequences;
        this.width = width;
        rotary.reserve(width);
        memory.reserve(
                sequences * width,
                chunk() * width,
                CausalAttention.scoreRow(width),
                width,
                activations == Activations.KEPT);
        memory.write(memory.kept(0).input(), rows.duplicate());
        for (int layer = 0; layer < layers; layer++) {
            transpose(layer);
            for (int first = 0; first < sequences; first += chunk()) {
                LayerWork work = work(layer, first);
                attention.forward(work);
                feedForward.forward(work, work.rowsOf(memory.kept(layer + 1).input(), shape.hidden()));
            }
        }
        calls.run();
        memory.read(memory.kept(layers).input(), rows.duplicate());
    }

    /** Replaces the gradient of the last layer's output by that of the embeddings; follows a forward pass that keeps. */
    void backward(FloatBuffer gradient) {
        memory.write(memory.gradient(), gradient.duplicate());
        for (int layer = layers - 1; layer >= 0; layer--) {
            for (int first = 0; first < sequences; first += chunk()) {
                LayerWork work = work(layer, first);
                long rows = work.rowsOf(memory.gradient(), shape.hidden());
                feedForward.backward(work, rows);
                attention.backward(work, rows);
            }
        }
        calls.run();
        memory.read(memory.gradient(), gradient.duplicate());
    }

    /** Sequences of a chunk. */
    private int chunk() {
        return Math.max(1, Math.min(sequences, CHUNK_ROWS / width));
    }

    private LayerWork work(int layer, int first) {
        return new LayerWork(calls, memory, layer, first * width, Math.min(chunk(), sequences - first), width);
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
