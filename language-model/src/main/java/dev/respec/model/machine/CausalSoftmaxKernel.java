package dev.respec.model.machine;

/**
 * Machine code for the softmax of causal attention's scores, in place, and its gradient.
 *
 * <p>Row i of a call sees the columns before first + i. What it does not see becomes zero, whatever it was. A row's largest
 * score and one over the sum of its exponentials are kept, from which the gradient computes the softmax again.
 */
public final class CausalSoftmaxKernel {
    /** Most columns of a row. */
    public static final int MOST_COLUMNS = 1024;
    /** Bytes that are kept of a row. */
    public static final int KEPT_BYTES = 2 * Float.BYTES;

    private static final int VECTOR_BYTES = 64;
    private static final int MARGIN = 64;
    private static final float SEEN = Float.MAX_VALUE;
    private static final int TABLE = 2 * MOST_COLUMNS + 2 * MARGIN;
    /** From the limits of scores to the bits that keep exponentials. */
    private static final int TABLE_BYTES = TABLE * Float.BYTES;

    private static final NativeFloats TABLES = tables();

    private static final int SCORES_AT = 0;
    private static final int LIMITS_AT = 8;
    private static final int KEPT_AT = 16;
    private static final int ROWS_AT = 24;
    private static final int VECTORS_AT = 32;
    private static final int REWIND_AT = 40;
    private static final int CONSTANTS_AT = 48;
    private static final int SCALE_AT = 56;
    private static final int GRADIENTS_AT = 64;

    private static final Register SCORES = Register.RSI;
    private static final Register GRADIENTS = Register.RDX;
    private static final Register LIMITS = Register.RCX;
    private static final Register KEPT = Register.R8;
    private static final Register ROWS = Register.R9;
    private static final Register COUNT = Register.R10;
    private static final Register CONSTANTS = Register.R11;
    private static final Register BACK = Register.RAX;

    private static final int LARGEST = 0;
    private static final int X = 1;
    private static final int WHOLE = 2;
    private static final int POWER = 3;
    private static final int SQUARE = 4;
    private static final int TOTAL = 5;
    private static final int INVERSE = 6;
    private static final int GRADIENT = 7;
    private static final int SCALE = 31;

    private final NativeFloats scale = new NativeFloats();
    private final long forward;
    private final long backward;

    /**
     * Scores that lie so.
     *
     * @param rowBytes from one row to the next
     * @param factor on the scores, positive
     */
    public CausalSoftmaxKernel(int rowBytes, float factor) {
        scale.reserve(1);
        scale.floats().put(0, factor);
        forward = forward(rowBytes);
        backward = backward(rowBytes);
    }

    /** Limits that seen columns never reach, then the hidden ones'; all bits, then none. */
    private static NativeFloats tables() {
        var tables = new NativeFloats();
        tables.reserve(2 * TABLE);
        for (int i = 0; i < TABLE; i++) {
            boolean seen = i < MOST_COLUMNS + MARGIN;
            tables.floats().put(i, seen ? SEEN : AttentionKernel.HIDDEN);
            tables.floats().put(TABLE + i, seen ? Float.intBitsToFloat(-1) : 0f);
        }
        return tables;
    }

    /**
     * Rows of scores [rows, columns].
     *
     * @param first columns that the first row sees, at least 1
     * @param columns a multiple of 16, at least what the last row sees
     * @param scores address
     * @param kept address of two floats for each row
     */
    public record Block(int rows, int first, int columns, long scores, long kept) {}

    public void forward(CallList calls, Block block) {
        add(calls, forward, block, 0);
    }

    /**
     * Makes the softmax of the scores and the scores' gradient of the softmax's.
     *
     * @param gradients address of rows that lie as the scores
     */
    public void backward(CallList calls, Block block, long gradients) {
        add(calls, backward, block, gradients);
    }

    private void add(CallList calls, long function, Block block, long gradients) {
        int vectors = block.columns * Float.BYTES / VECTOR_BYTES;
        calls.add(
                function,
                block.scores,
                TABLES.address() + (long) (MOST_COLUMNS + MARGIN - block.first) * Float.BYTES,
                block.kept,
                block.rows,
                vectors,
                -(long) vectors * VECTOR_BYTES,
                Exponential.constants(),
                scale.address(),
                gradients);
    }

    private static void begin(Assembler code) {
        code.load(SCORES, Register.RDI, SCORES_AT);
        code.load(LIMITS, Register.RDI, LIMITS_AT);
        code.load(KEPT, Register.RDI, KEPT_AT);
        code.load(ROWS, Register.RDI, ROWS_AT);
        code.load(CONSTANTS, Register.RDI, CONSTANTS_AT);
        code.load(GRADIENTS, Register.RDI, SCALE_AT);
        code.broadcast(SCALE, GRADIENTS, 0);
        code.load(GRADIENTS, Register.RDI, GRADIENTS_AT);
    }

    /** Goes over a row, and back to its beginning. */
    private static void overRow(Assembler code, Runnable body, Register... cursors) {
        code.load(COUNT, Register.RDI, VECTORS_AT);
        int next = code.here();
        body.run();
        for (Register cursor : cursors) {
            code.add(cursor, VECTOR_BYTES);
        }
        code.repeat(COUNT, next);
        code.load(BACK, Register.RDI, REWIND_AT);
        for (Register cursor : cursors) {
            code.add(cursor, BACK);
        }
    }

    private static long forward(int rowBytes) {
        var code = new Assembler();
        code.setMask(1);
        begin(code);
        int next = code.here();
        largest(code);
        powers(code);
        overRow(
                code,
                () -> {
                    code.apply(Operation.MULTIPLY, X, INVERSE, SCORES, 0);
                    code.storeVector(X, SCORES, 0);
                },
                SCORES);
        code.storeMasked(LARGEST, KEPT, 0);
        code.storeMasked(INVERSE, KEPT, Float.BYTES);
        code.add(SCORES, rowBytes);
        code.add(LIMITS, -Float.BYTES);
        code.add(KEPT, KEPT_BYTES);
        code.repeat(ROWS, next);
        code.returnToCaller();
        return MachineCode.address(code);
    }

    private static void largest(Assembler code) {
        code.loadVector(LARGEST, SCORES, 0);
        code.apply(Operation.LEAST, LARGEST, LARGEST, LIMITS, 0);
        overRow(
                code,
                () -> {
                    code.loadVector(X, SCORES, 0);
                    code.apply(Operation.LEAST, X, X, LIMITS, 0);
                    code.apply(Operation.GREATEST, LARGEST, LARGEST, X);
                },
                SCORES,
                LIMITS);
        AcrossVector.emit(code, Operation.GREATEST, LARGEST, X);
    }

    /** Replaces the row's scores by their exponentials; INVERSE is one over their sum. */
    private static void powers(Assembler code) {
        code.zero(TOTAL);
        overRow(
                code,
                () -> {
                    power(code);
                    code.storeVector(POWER, SCORES, 0);
                    code.apply(Operation.ADD, TOTAL, TOTAL, POWER);
                },
                SCORES,
                LIMITS);
        AcrossVector.emit(code, Operation.ADD, TOTAL, X);
        code.broadcast(INVERSE, CONSTANTS, Exponential.ONE);
        code.apply(Operation.DIVIDE, INVERSE, INVERSE, TOTAL);
    }

    /** POWER = e^(scale * (score - largest)) of what is seen. */
    private static void power(Assembler code) {
        code.loadVector(X, SCORES, 0);
        code.apply(Operation.SUBTRACT, X, X, LARGEST);
        code.apply(Operation.MULTIPLY, X, X, SCALE);
        Exponential.emit(code, POWER, X, WHOLE, SQUARE, CONSTANTS);
        code.apply(Operation.AND, POWER, POWER, LIMITS, TABLE_BYTES);
    }

    private static long backward(int rowBytes) {
        var code = new Assembler();
        begin(code);
        int next = code.here();
        code.broadcast(LARGEST, KEPT, 0);
        code.broadcast(INVERSE, KEPT, Float.BYTES);
        code.zero(TOTAL);
        overRow(
                code,
                () -> {
                    power(code);
                    code.apply(Operation.MULTIPLY, POWER, POWER, INVERSE);
                    code.storeVector(POWER, SCORES, 0);
                    code.loadVector(GRADIENT, GRADIENTS, 0);
                    code.apply(Operation.ADD_PRODUCT, TOTAL, GRADIENT, POWER);
                },
                SCORES,
                LIMITS,
                GRADIENTS);
        AcrossVector.emit(code, Operation.ADD, TOTAL, X);
        overRow(
                code,
                () -> {
                    code.loadVector(GRADIENT, GRADIENTS, 0);
                    code.apply(Operation.SUBTRACT, GRADIENT, GRADIENT, TOTAL);
                    code.apply(Operation.MULTIPLY, GRADIENT, GRADIENT, SCORES, 0);
                    code.apply(Operation.MULTIPLY, GRADIENT, GRADIENT, SCALE);
                    code.storeVector(GRADIENT, GRADIENTS, 0);
                },
                SCORES,
                GRADIENTS);
        code.add(SCORES, rowBytes);
        code.add(GRADIENTS, rowBytes);
        code.add(LIMITS, -Float.BYTES);
        code.add(KEPT, KEPT_BYTES);
        code.repeat(ROWS, next);
        code.returnToCaller();
        return MachineCode.address(code);
    }
}
