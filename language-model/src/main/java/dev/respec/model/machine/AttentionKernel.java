package dev.respec.model.machine;

import com.sun.jna.Function;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Machine code for softmax(q K^T) V of up to {@link #MOST_ROWS} query rows of one key head, float32.
 *
 * <p>Keys and values lie in blocks of 16 columns that can be anywhere. Each key and value read meets all rows, whose sums
 * stay in registers; while one block is read the next one is fetched. Scores lie block of columns after block of
 * columns, a vector per row, so that every offset is known beforehand. A row's result does not depend on the rows beside it.
 */
public final class AttentionKernel {
    /** Most query rows of a call: a register each, and one for what they share. */
    public static final int MOST_ROWS = 30;
    /** Columns of a block of keys. */
    public static final int BLOCK = 16;
    /** What hidden scores are limited to. */
    public static final float HIDDEN = -1e30f;

    private static final int VECTOR_BYTES = 64;
    private static final int SHARED = 31;

    private static final int QUERIES_AT = 0;
    private static final int ADDRESSES_AT = 8;
    private static final int RESULTS_AT = 24;
    static final int SCORES_AT = 32;
    private static final int LIMITS_AT = 40;
    private static final int FULL_BLOCKS_AT = 48;
    private static final int LIMITED_BLOCKS_AT = 56;
    private static final int COLUMNS_AT = 64;
    static final int BLOCKS_AT = 72;
    static final int FACTORS_AT = 80;
    static final int CONSTANTS_AT = 88;

    private static final Map<Shape, Function> FUNCTIONS = new ConcurrentHashMap<>();

    private record Shape(int rows, int dimension) {
        /** Vectors of a value. */
        int vectors() {
            return (dimension + BLOCK - 1) / BLOCK;
        }

        int blockBytes() {
            return rows * VECTOR_BYTES;
        }

        /** Bytes of a block's keys; its values follow them. */
        int keyBytes() {
            return dimension * VECTOR_BYTES;
        }
    }

    private final int dimension;

    /** @param dimension of a head */
    public AttentionKernel(int dimension) {
        this.dimension = dimension;
    }

    /** What one thread needs for a call. */
    public static final class Workspace {
        private final Call call = new Call();
        private final NativeLongs blocks = new NativeLongs();
        private final NativeFloats queries = new NativeFloats();
        private final NativeFloats limits = new NativeFloats();
        private final NativeFloats scores = new NativeFloats();
        private final NativeFloats results = new NativeFloats();

        /** Room for the addresses of so many blocks of the next call and for one more, of a block that may be fetched. */
        public LongBuffer blocks(int count) {
            blocks.reserve(count + 1);
            return blocks.values();
        }

        /** Room for queries [rows, dimension] of the next call. */
        public FloatBuffer queries(int count) {
            queries.reserve(count);
            return queries.floats();
        }

        /** Room for limits [blocks, rows, 16] of the next call. */
        public FloatBuffer limits(int count) {
            limits.reserve(count);
            return limits.floats();
        }

        /** Results [rows, dimension] of the last call. */
        public FloatBuffer results() {
            return results.floats();
        }
    }

    /**
     * results = softmax(min(queries K^T, limits)) V.
     *
     * <p>A block is 16 columns of keys, dimension by dimension, then 16 columns of values, each padded to whole vectors with
     * zeros.
     *
     * @param workspace with addresses of blocks, queries and limits filled in
     * @param columns that exist, at least 1
     * @param limited how many of the last blocks have limits, at least 1
     */
    public void attend(Workspace workspace, int rows, int columns, int limited) {
        int blocks = (columns + BLOCK - 1) / BLOCK;
        int scores = blocks * rows * BLOCK;
        workspace.scores.reserve(scores + rows * BLOCK);
        workspace.results.reserve(rows * dimension);
        Call call = workspace.call;
        call.set(QUERIES_AT, workspace.queries.address());
        call.set(ADDRESSES_AT, workspace.blocks.address());
        call.set(RESULTS_AT, workspace.results.address());
        call.set(SCORES_AT, workspace.scores.address());
        call.set(LIMITS_AT, workspace.limits.address());
        call.set(FULL_BLOCKS_AT, blocks - limited);
        call.set(LIMITED_BLOCKS_AT, limited);
        call.set(COLUMNS_AT, columns);
        call.set(BLOCKS_AT, blocks);
        call.set(FACTORS_AT, workspace.scores.address() + (long) scores * Float.BYTES);
        call.set(CONSTANTS_AT, Exponential.constants());
        call.invoke(FUNCTIONS.computeIfAbsent(new Shape(rows, dimension), AttentionKernel::compile));
    }

    private static Function compile(Shape shape) {
        var code = new Assembler();
        code.load(Register.R8, Register.RDI, ADDRESSES_AT);
        code.load(Register.RCX, Register.RDI, SCORES_AT);
        code.load(Register.R10, Register.RDI, FULL_BLOCKS_AT);
        var full = new Assembler();
        score(full, shape, Limits.NONE);
        code.unlessZero(Register.R10, full);
        code.load(Register.R10, Register.RDI, LIMITED_BLOCKS_AT);
        code.load(Register.R11, Register.RDI, LIMITS_AT);
        score(code, shape, Limits.APPLIED);
        ScoreExponentials.emit(code, shape.rows);
        for (int vector = 0; vector < shape.vectors(); vector++) {
            mix(code, shape, vector);
        }
        code.returnToCaller();
        return MachineCode.function(code);
    }

    private enum Limits {
        NONE,
        APPLIED
    }

    /** Scores of R10 blocks of keys whose addresses are at R8 with the queries, to RCX; limits at R11. */
    private static void score(Assembler code, Shape shape, Limits limits) {
        Register keys = Register.RSI;
        Register ahead = Register.RDX;
        Register scores = Register.RCX;
        Register query = Register.RAX;
        Register turns = Register.R9;
        int unrolled = unrolled(shape.dimension);
        int block = code.here();
        for (int row = 0; row < shape.rows; row++) {
            code.zero(row);
        }
        nextBlock(code, keys, ahead);
        code.load(query, Register.RDI, QUERIES_AT);
        code.set(turns, shape.dimension / unrolled);
        int turn = code.here();
        for (int i = 0; i < unrolled; i++) {
            code.prefetch(ahead, i * VECTOR_BYTES);
            code.loadVector(SHARED, keys, i * VECTOR_BYTES);
            for (int row = 0; row < shape.rows; row++) {
                int at = (row * shape.dimension + i) * Float.BYTES;
                code.applyBroadcast(Operation.ADD_PRODUCT, row, SHARED, query, at);
            }
        }
        code.add(keys, unrolled * VECTOR_BYTES);
        code.add(ahead, unrolled * VECTOR_BYTES);
        code.add(query, unrolled * Float.BYTES);
        code.repeat(turns, turn);
        for (int row = 0; row < shape.rows; row++) {
            if (limits == Limits.APPLIED) {
                code.apply(Operation.LEAST, row, row, Register.R11, row * VECTOR_BYTES);
            }
            code.storeVector(row, scores, row * VECTOR_BYTES);
        }
        code.add(scores, shape.blockBytes());
        if (limits == Limits.APPLIED) {
            code.add(Register.R11, shape.blockBytes());
        }
        code.repeat(Register.R10, block);
    }

    /** The address of the block at R8 and that of the one behind it; R8 moves on. */
    private static void nextBlock(Assembler code, Register block, Register ahead) {
        code.load(block, Register.R8, 0);
        code.load(ahead, Register.R8, Long.BYTES);
        code.add(Register.R8, Long.BYTES);
    }

    private static int unrolled(int dimension) {
        return dimension % 4 == 0 ? 4 : dimension % 2 == 0 ? 2 : 1;
    }

    /** Sixteen dimensions of every row's weighted sum, then of its result. */
    private static void mix(Assembler code, Shape shape, int vector) {
        Register values = Register.RDX;
        Register ahead = Register.RSI;
        Register block = Register.RCX;
        Register left = Register.R11;
        Register turns = Register.R9;
        Register weight = Register.RAX;
        int valueBytes = shape.vectors() * VECTOR_BYTES;
        code.load(Register.R8, Register.RDI, ADDRESSES_AT);
        code.load(block, Register.RDI, SCORES_AT);
        code.load(left, Register.RDI, COLUMNS_AT);
        for (int row = 0; row < shape.rows; row++) {
            code.zero(row);
        }
        int nextBlock = code.here();
        nextBlock(code, values, ahead);
        code.move(weight, block);
        code.set(turns, BLOCK);
        code.least(turns, left);
        int column = code.here();
        code.prefetch(ahead, shape.keyBytes() + vector * VECTOR_BYTES);
        code.loadVector(SHARED, values, shape.keyBytes() + vector * VECTOR_BYTES);
        for (int row = 0; row < shape.rows; row++) {
            code.applyBroadcast(Operation.ADD_PRODUCT, row, SHARED, weight, row * VECTOR_BYTES);
        }
        code.add(values, valueBytes);
        code.add(ahead, valueBytes);
        code.add(weight, Float.BYTES);
        code.repeat(turns, column);
        code.add(block, shape.blockBytes());
        code.repeatAfter(left, BLOCK, nextBlock);
        store(code, shape, vector);
    }

    /** Stores sixteen dimensions of every row, times the row's factor. */
    private static void store(Assembler code, Shape shape, int vector) {
        Register factors = Register.RCX;
        Register results = Register.RDX;
        int floats = Math.min(BLOCK, shape.dimension - vector * BLOCK);
        code.setMask((1 << floats) - 1);
        code.load(factors, Register.RDI, FACTORS_AT);
        code.load(results, Register.RDI, RESULTS_AT);
        for (int row = 0; row < shape.rows; row++) {
            int at = (row * shape.dimension + vector * BLOCK) * Float.BYTES;
            code.apply(Operation.MULTIPLY, row, row, factors, row * VECTOR_BYTES);
            code.storeMasked(row, results, at);
        }
    }
}
