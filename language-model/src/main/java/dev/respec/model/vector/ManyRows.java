package dev.respec.model.vector;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.kernels.NativeArrays;
import dev.respec.model.kernels.Packing;
import dev.respec.model.kernels.ScriptedModule;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * The same matrices in the native library, for steps of so many rows that arithmetic decides: its bfloat16 instructions do
 * twice the work of float32's. Activations pass through memory that both sides see.
 */
final class ManyRows implements AutoCloseable {
    private static final int MATRICES_OF_A_FEED = 3;
    /** Floats of a buffer at first. */
    private static final int SMALLEST = 1 << 14;

    private final ScriptedModule module;
    private final Team team;
    private Shared from;
    private final Shared[] to;
    private float[] partial = new float[0];
    private int parts;

    /** @param floats the array's memory, valid while the owner is open */
    private record Shared(NDManager owner, FloatBuffer floats, NDArray array) {
        static Shared of(NDManager parent, int count) {
            NDManager owner = parent.newSubManager();
            NDArray array = NativeArrays.zeros(owner, count);
            return new Shared(owner, NativeArrays.floats(array), array);
        }
    }

    ManyRows(Team team) {
        this.team = team;
        this.module = ScriptedModule.load(ManyRows.class, "products");
        this.from = Shared.of(module.manager(), SMALLEST);
        this.to = new Shared[team.size()];
        Arrays.setAll(to, part -> Shared.of(module.manager(), SMALLEST));
    }

    /** Forgets every matrix. */
    void begin() {
        module.tell("begin", Packing.bfloat16().packs());
        parts = 0;
    }

    /**
     * Adds a matrix, cut into one part of its outputs per thread.
     *
     * @param weights [out, in], matrices one below the other
     * @return number of its first part
     */
    int add(int outputs, HostTensor... weights) {
        long[] sizes = sizes(outputs);
        try (NDManager scope = module.manager().newSubManager()) {
            module.tell("add", NativeArrays.stacked(scope, weights), sizes);
        }
        int number = parts;
        parts += sizes.length;
        return number;
    }

    /**
     * Adds a gated feed-forward layer, cut into one part of its width per thread.
     *
     * @param gate [width, hidden], as up
     * @param down [hidden, width]
     * @return number of its first part
     */
    int addFeed(int width, HostTensor gate, HostTensor up, HostTensor down) {
        long[] sizes = sizes(width);
        try (NDManager scope = module.manager().newSubManager()) {
            module.tell(
                    "add_feed",
                    NativeArrays.of(scope, gate),
                    NativeArrays.of(scope, up),
                    NativeArrays.of(scope, down),
                    sizes);
        }
        int number = parts;
        parts += MATRICES_OF_A_FEED * sizes.length;
        return number;
    }

    private long[] sizes(int outputs) {
        long[] sizes = new long[to.length];
        Arrays.setAll(sizes, part -> first(outputs, part + 1) - first(outputs, part));
        return sizes;
    }

    private int first(int outputs, int part) {
        return (int) ((long) outputs * part / to.length);
    }

    /**
     * All rows times a matrix.
     *
     * @param x [rows, inputs]
     * @param y receives [rows, stride]
     * @param number what {@link #add} returned
     */
    void multiply(float[] x, int rows, int inputs, float[] y, int outputs, int stride, int number) {
        share(x, rows * inputs, rows * outputs);
        team.run(to.length, part -> {
            module.tell("multiply", from.array(), to[part].array(), rows, inputs, number + part);
            int first = first(outputs, part);
            int width = first(outputs, part + 1) - first;
            for (int row = 0; row < rows; row++) {
                to[part].floats().get(row * width, y, row * stride + first, width);
            }
        });
    }

    /**
     * Adds a feed-forward layer's outcome to rows.
     *
     * @param x the layer's input, [rows, hidden]
     * @param sums [rows, hidden]
     * @param number what {@link #addFeed} returned
     */
    void feed(float[] x, int rows, int hidden, float[] sums, int number) {
        int count = rows * hidden;
        share(x, count, count);
        team.run(
                to.length,
                part -> module.tell(
                        "feed", from.array(), to[part].array(), rows, hidden, number + MATRICES_OF_A_FEED * part));
        if (partial.length < count) {
            partial = new float[count];
        }
        for (Shared part : to) {
            part.floats().get(0, partial, 0, count);
            team.each(rows, row -> Lanes.add(sums, row * hidden, partial, row * hidden, hidden));
        }
    }

    private void share(float[] x, int inputs, int outputs) {
        from = atLeast(from, inputs);
        for (int part = 0; part < to.length; part++) {
            to[part] = atLeast(to[part], outputs);
        }
        from.floats().put(0, x, 0, inputs);
    }

    private Shared atLeast(Shared shared, int count) {
        if (shared.floats().capacity() >= count) {
            return shared;
        }
        shared.owner().close();
        return Shared.of(module.manager(), Integer.highestOneBit(count - 1) << 1);
    }

    @Override
    public void close() {
        module.close();
    }
}
