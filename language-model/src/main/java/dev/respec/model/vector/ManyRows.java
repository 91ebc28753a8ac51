package dev.respec.model.vector;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.respec.model.kernels.Packing;
import dev.respec.model.kernels.ScriptedModule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The same matrices in the native library, for steps of so many rows that arithmetic decides: its bfloat16 instructions do
 * twice the work of float32's. Activations pass through memory that both sides see.
 */
final class ManyRows implements AutoCloseable {
    private final ScriptedModule module;
    private final Team team;
    private @Nullable Shared from;
    private @Nullable Shared to;
    private int parts;

    private record Shared(NDManager owner, FloatBuffer floats, NDArray array) {
        static Shared of(NDManager parent, int count) {
            NDManager owner = parent.newSubManager();
            ByteBuffer bytes = ByteBuffer.allocateDirect(Math.multiplyExact(count, Float.BYTES))
                    .order(ByteOrder.nativeOrder());
            NDArray array = owner.create(bytes, new Shape(count), DataType.FLOAT32);
            return new Shared(owner, bytes.asFloatBuffer(), array);
        }
    }

    ManyRows(Team team) {
        this.team = team;
        this.module = ScriptedModule.load(ManyRows.class, "products");
    }

    NDManager manager() {
        return module.manager();
    }

    /** Forgets every matrix. */
    void begin() {
        module.tell("begin", Packing.bfloat16().packs());
        parts = 0;
    }

    /**
     * Adds a matrix, cut into one part a thread.
     *
     * @param weights [out, in] float32
     * @return number of its first part
     */
    int add(NDArray weights) {
        int outputs = (int) weights.getShape().get(0);
        long[] sizes = new long[team.size()];
        for (int part = 0; part < sizes.length; part++) {
            sizes[part] = last(outputs, part) - first(outputs, part);
        }
        module.tell("add", weights, sizes);
        int number = parts;
        parts += sizes.length;
        return number;
    }

    private int first(int outputs, int part) {
        return (int) ((long) outputs * part / team.size());
    }

    private int last(int outputs, int part) {
        return first(outputs, part + 1);
    }

    /**
     * All rows times a matrix.
     *
     * @param x [rows, in]
     * @param y receives [rows, stride]
     * @param number what {@link #add} returned
     */
    void multiply(float[] x, int rows, float[] y, Bfloat16Matrix shape, int number) {
        int inputs = shape.inputs();
        int stride = shape.stride();
        Shared source = from = atLeast(from, rows * inputs);
        Shared target = to = atLeast(to, rows * stride);
        source.floats().put(0, x, 0, rows * inputs);
        team.run(team.size(), part -> {
            int first = first(shape.outputs(), part);
            module.tell("multiply", source.array(), target.array(), rows, inputs, stride, first, number + part);
        });
        target.floats().get(0, y, 0, rows * stride);
    }

    private Shared atLeast(@Nullable Shared shared, int count) {
        if (shared != null && shared.floats().capacity() >= count) {
            return shared;
        }
        if (shared != null) {
            shared.owner().close();
        }
        return Shared.of(module.manager(), Math.max(1 << 16, Integer.highestOneBit(count - 1) << 1));
    }

    @Override
    public void close() {
        module.close();
    }
}
