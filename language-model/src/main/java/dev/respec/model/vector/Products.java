package dev.respec.model.vector;

import dev.respec.model.decoding.PageTable;
import dev.respec.model.machine.NativeArena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Where a model's weights and caches lie, and what multiplies them. */
abstract class Products implements AutoCloseable {
    private final List<Rows> rows = new ArrayList<>();

    /** How products are computed; one of them can be asked for where two are compared. */
    static Products of(Team team, Arithmetic arithmetic) {
        return arithmetic.usesMachineCode() ? new Dots(team) : new Vectors(team);
    }

    /** Rows of so many inputs, put for one product after another. */
    final Rows rows(int inputs) {
        Rows made = make(inputs);
        rows.add(made);
        return made;
    }

    /** Room for the rows of a step, before the first of them is put. */
    final void reserve(int count) {
        rows.forEach(made -> made.reserve(count));
    }

    abstract Rows make(int inputs);

    abstract Projection projection(int outputs, Rows rows);

    /** @param activated rows of the layer's width */
    abstract FeedForward feedForward(Rows normed, Rows activated, double epsilon);

    /** @param heads key heads */
    abstract KeyValueCache cache(PageTable table, int heads, int dimension);

    /**
     * Memory for what is looked up, such as embeddings, in windows.
     *
     * @param windowBytes of each window but the last
     */
    abstract ByteBuffer[] memory(long bytes, int windowBytes);

    /** To be called before weights are adopted again. */
    abstract void begin();

    @Override
    public abstract void close();

    /** A window of memory. */
    private interface Window {
        ByteBuffer at(long offset, int bytes);
    }

    private static ByteBuffer[] windows(long bytes, int windowBytes, Window made) {
        var windows = new ByteBuffer[Math.toIntExact((bytes + windowBytes - 1) / windowBytes)];
        Arrays.setAll(windows, i -> {
            long offset = (long) i * windowBytes;
            return made.at(offset, (int) Math.min(windowBytes, bytes - offset));
        });
        return windows;
    }

    /** Machine code: the processor has dot products of bfloat16. */
    private static final class Dots extends Products {
        private final Team team;
        private final NativeArena arena = new NativeArena();

        Dots(Team team) {
            this.team = team;
        }

        @Override
        Rows make(int inputs) {
            return new DotRows(inputs);
        }

        @Override
        Projection projection(int outputs, Rows rows) {
            return new DotProjection(outputs, (DotRows) rows, team, arena);
        }

        @Override
        FeedForward feedForward(Rows normed, Rows activated, double epsilon) {
            return new DotFeedForward((DotRows) normed, (DotRows) activated, epsilon, team, arena);
        }

        @Override
        KeyValueCache cache(PageTable table, int heads, int dimension) {
            return new NativeCache(table, heads, dimension, arena);
        }

        @Override
        ByteBuffer[] memory(long bytes, int windowBytes) {
            NativeArena.Slice slice = arena.allocate(bytes);
            return windows(bytes, windowBytes, slice::bytes);
        }

        @Override
        void begin() {
            // weights are overwritten where they are
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    /** Java's vectors for few rows, the native library for many. */
    private static final class Vectors extends Products {
        private final Team team;
        private final ManyRows many;

        Vectors(Team team) {
            this.team = team;
            this.many = new ManyRows(team);
        }

        @Override
        Rows make(int inputs) {
            return new VectorRows(inputs);
        }

        @Override
        Projection projection(int outputs, Rows rows) {
            return new VectorProjection(outputs, (VectorRows) rows, team, many);
        }

        @Override
        FeedForward feedForward(Rows normed, Rows activated, double epsilon) {
            return new VectorFeedForward((VectorRows) normed, (VectorRows) activated, epsilon, team, many);
        }

        @Override
        KeyValueCache cache(PageTable table, int heads, int dimension) {
            return new VectorCache(table, heads, dimension);
        }

        @Override
        ByteBuffer[] memory(long bytes, int windowBytes) {
            return windows(
                    bytes,
                    windowBytes,
                    (offset, count) -> ByteBuffer.allocate(count).order(ByteOrder.nativeOrder()));
        }

        @Override
        void begin() {
            many.begin();
        }

        @Override
        public void close() {
            many.close();
        }
    }
}
