package dev.respec.model.training;

import dev.respec.model.machine.CausalSoftmaxKernel;
import dev.respec.model.machine.NativeMemory;
import dev.respec.model.machine.ProductKernel;
import dev.respec.model.training.MachineLayers.Activations;
import java.nio.FloatBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where the numbers of a micro-batch lie: what each layer keeps for its gradient, and room for a chunk of rows that is
 * overwritten by the next one. Grows with the largest micro-batch and stays, so that no page is asked for twice.
 */
final class LayerMemory implements AutoCloseable {
    private static final int LINE = 64;
    private static final int FLOAT = Float.BYTES;

    private final LayerShape shape;
    private final int layers;
    private @Nullable NativeMemory memory;
    private long used;
    private int tokens;
    private boolean keeps;

    /** Of a layer. */
    record Kept(long input, long mixed, long attended, long middle, long doors, long softmax) {}

    /** Rows of a chunk, and scores of a sequence with its keys and values transposed. */
    record Room(
            long normed,
            long ofNormed,
            long ofInner,
            long gated,
            long ofDoors,
            long scores,
            long ofScores,
            long keys,
            long values) {}

    /** Gradients of all rows: of the residual stream, of what attention made, of queries, keys and values. */
    record Gradients(long stream, long attended, long mixed) {}

    /** A layer's matrices transposed, panel after panel. */
    record Transposed(long query, long key, long value, long out, long gate, long up, long down) {}

    private final Kept[] kept;
    private Room room = new Room(0, 0, 0, 0, 0, 0, 0, 0, 0);
    private Transposed transposed = new Transposed(0, 0, 0, 0, 0, 0, 0);
    private Gradients gradients = new Gradients(0, 0, 0);

    LayerMemory(LayerShape shape, int layers) {
        this.shape = shape;
        this.layers = layers;
        this.kept = new Kept[layers + 1];
    }

    /**
     * Makes room.
     *
     * @param chunk most rows of a chunk
     * @param scoreRow bytes of a row of scores
     * @param width longest sequence
     * @param activations whether each layer keeps its own numbers, for a gradient
     */
    void reserve(int tokens, int chunk, int scoreRow, int width, Activations activations) {
        this.tokens = tokens;
        keeps = activations == Activations.KEPT;
        used = 0;
        place(0, chunk, scoreRow, width);
        NativeMemory held = memory;
        if (held == null || held.usableBytes() < used) {
            close();
            held = NativeMemory.allocate(used);
            memory = held;
        }
        used = 0;
        place(held.address(0), chunk, scoreRow, width);
    }

    private void place(long base, int chunk, int scoreRow, int width) {
        for (int layer = 0; layer <= layers; layer++) {
            kept[layer] = keeps || layer == 0 ? kept(base, layer == layers) : kept[0];
        }
        long backward = keeps ? tokens : 0;
        gradients = new Gradients(
                floats(base, backward * shape.hidden()),
                floats(base, backward * shape.queries()),
                floats(base, backward * shape.mixed()));
        room = new Room(
                floats(base, (long) chunk * shape.hidden()),
                floats(base, (long) chunk * shape.hidden()),
                floats(base, (long) chunk * shape.inner()),
                floats(base, (long) chunk * shape.inner()),
                floats(base, (long) chunk * shape.doors()),
                bytes(base, (long) width * scoreRow),
                bytes(base, (long) width * scoreRow),
                bytes(base, (long) shape.dimension() * scoreRow),
                bytes(base, (long) shape.dimension() * scoreRow));
        transposed = new Transposed(
                panels(base, shape.queries(), shape.hidden()),
                panels(base, shape.keys(), shape.hidden()),
                panels(base, shape.keys(), shape.hidden()),
                panels(base, shape.hidden(), shape.queries()),
                panels(base, shape.inner(), shape.hidden()),
                panels(base, shape.inner(), shape.hidden()),
                panels(base, shape.hidden(), shape.inner()));
    }

    /** Behind the last layer there is its output alone. */
    private Kept kept(long base, boolean output) {
        long input = floats(base, (long) tokens * shape.hidden());
        if (output) {
            return new Kept(input, 0, 0, 0, 0, 0);
        }
        return new Kept(
                input,
                floats(base, (long) tokens * shape.mixed()),
                floats(base, (long) tokens * shape.queries()),
                floats(base, (long) tokens * shape.hidden()),
                floats(base, (long) tokens * shape.doors()),
                bytes(base, (long) tokens * shape.heads() * CausalSoftmaxKernel.KEPT_BYTES));
    }

    /** Of a matrix [outputs, inputs], in whole panels of outputs. */
    private long panels(long base, long outputs, long inputs) {
        long whole = (outputs + ProductKernel.PANEL - 1) / ProductKernel.PANEL * ProductKernel.PANEL;
        return floats(base, whole * inputs);
    }

    private long floats(long base, long count) {
        return bytes(base, count * FLOAT);
    }

    private long bytes(long base, long count) {
        long at = base + used;
        used += (count + LINE - 1) / LINE * LINE;
        return at;
    }

    /** Of a layer; past the last one, of the output alone. */
    Kept kept(int layer) {
        return kept[layer];
    }

    Room room() {
        return room;
    }

    Transposed transposed() {
        return transposed;
    }

    Gradients gradients() {
        return gradients;
    }

    int tokens() {
        return tokens;
    }

    /** Copies floats to an address of this memory. */
    void write(long address, FloatBuffer from) {
        view(address, from.remaining()).put(from);
    }

    /** Copies floats from an address of this memory. */
    void read(long address, FloatBuffer to) {
        to.put(view(address, to.remaining()));
    }

    private FloatBuffer view(long address, int count) {
        NativeMemory held = Objects.requireNonNull(memory, "no room was made");
        return held.floats(address - held.address(0), (long) count * FLOAT);
    }

    @Override
    public void close() {
        NativeMemory held = memory;
        if (held != null) {
            held.close();
            memory = null;
        }
    }
}
