package dev.respec.model.machine;

/** Machine code for silu(gate) * up of rows [gate, up], float32, and its gradient. */
public final class SwiGluKernel {
    private static final int ROWS_AT = 0;
    private static final int DOORS_AT = 8;
    private static final int GATED_AT = 16;
    private static final int CONSTANTS_AT = 24;
    private static final int OF_GATED_AT = 32;
    private static final int OF_DOORS_AT = 40;

    private static final Register DOORS = Register.RSI;
    private static final Register OF_GATED = Register.RDX;
    private static final Register GATED = Register.RCX;
    private static final Register OF_DOORS = Register.R8;
    private static final Register ROWS = Register.R9;
    private static final Register CONSTANTS = Register.R11;
    private static final Register COUNT = Register.R10;

    private static final int X = 1;
    private static final int WHOLE = 2;
    private static final int POWER = 3;
    private static final int SQUARE = 4;
    private static final int GATE = 8;
    private static final int UP = 9;
    private static final int SIGMOID = 10;
    private static final int OF_RESULT = 11;
    private static final int SILU = 12;
    private static final int RESULT = 13;

    private final long forward;
    private final long backward;

    /** @param width of the gate, and of up */
    public SwiGluKernel(int width) {
        var row = new RowCode(width);
        forward = compile(row, new Register[] {GATED}, SwiGluKernel::activate);
        backward = compile(row, new Register[] {GATED, OF_GATED}, SwiGluKernel::differentiate);
    }

    /**
     * gated [rows, width] of doors [rows, 2 width].
     *
     * @param doors address
     * @param gated address
     */
    public void forward(CallList calls, int rows, long doors, long gated) {
        calls.add(forward, rows, doors, gated, Exponential.constants(), 0, 0);
    }

    /**
     * The gradient of doors from that of gated; gated is computed again.
     *
     * @param ofGated address of [rows, width]
     * @param ofDoors address of [rows, 2 width]
     */
    public void backward(CallList calls, int rows, long doors, long gated, long ofGated, long ofDoors) {
        calls.add(backward, rows, doors, gated, Exponential.constants(), ofGated, ofDoors);
    }

    /** Computes 16 numbers. */
    private interface Body {
        void emit(Assembler code, RowCode row, int vector);
    }

    /** @param narrow cursors in rows of one width; those of doors are in rows of two */
    private static long compile(RowCode row, Register[] narrow, Body body) {
        var code = new Assembler();
        row.setMask(code);
        code.load(DOORS, Register.RDI, DOORS_AT);
        code.load(GATED, Register.RDI, GATED_AT);
        code.load(OF_GATED, Register.RDI, OF_GATED_AT);
        code.load(OF_DOORS, Register.RDI, OF_DOORS_AT);
        code.load(CONSTANTS, Register.RDI, CONSTANTS_AT);
        code.load(ROWS, Register.RDI, ROWS_AT);
        int nextRow = code.here();
        if (row.wholeVectors() > 0) {
            code.set(COUNT, row.wholeVectors());
            int nextVector = code.here();
            body.emit(code, row, 0);
            advance(code, narrow, RowCode.VECTOR_BYTES, RowCode.VECTOR_BYTES);
            code.repeat(COUNT, nextVector);
        }
        int done = row.wholeVectors() * RowCode.VECTOR_BYTES;
        if (row.hasTail()) {
            // the vector that the mask belongs to, from the beginning of the row
            advance(code, narrow, -done, -done);
            body.emit(code, row, row.wholeVectors());
            advance(code, narrow, done, done);
        }
        advance(code, narrow, row.bytes() - done, 2 * row.bytes() - done);
        code.repeat(ROWS, nextRow);
        code.returnToCaller();
        return MachineCode.address(code);
    }

    private static void advance(Assembler code, Register[] narrow, int bytes, int wideBytes) {
        for (Register each : narrow) {
            code.add(each, bytes);
        }
        code.add(DOORS, wideBytes);
        code.add(OF_DOORS, wideBytes);
    }

    private static void activate(Assembler code, RowCode row, int vector) {
        row.load(code, GATE, vector, DOORS, 0);
        row.load(code, UP, vector, DOORS, row.bytes());
        sigmoidDivisor(code);
        code.apply(Operation.MULTIPLY, RESULT, GATE, UP);
        code.apply(Operation.DIVIDE, RESULT, RESULT, POWER);
        row.store(code, RESULT, vector, GATED, 0);
    }

    /** POWER = 1 + e^-gate. */
    private static void sigmoidDivisor(Assembler code) {
        code.zero(X);
        code.apply(Operation.SUBTRACT, X, X, GATE);
        Exponential.emit(code, POWER, X, WHOLE, SQUARE, CONSTANTS);
        code.applyBroadcast(Operation.ADD, POWER, POWER, CONSTANTS, Exponential.ONE);
    }

    /** d silu / d gate = s + silu - silu * s, where s is the sigmoid. */
    private static void differentiate(Assembler code, RowCode row, int vector) {
        row.load(code, GATE, vector, DOORS, 0);
        row.load(code, UP, vector, DOORS, row.bytes());
        row.load(code, OF_RESULT, vector, OF_GATED, 0);
        sigmoidDivisor(code);
        code.broadcast(SIGMOID, CONSTANTS, Exponential.ONE);
        code.apply(Operation.DIVIDE, SIGMOID, SIGMOID, POWER);
        code.apply(Operation.MULTIPLY, SILU, GATE, SIGMOID);
        code.apply(Operation.MULTIPLY, RESULT, SILU, UP);
        row.store(code, RESULT, vector, GATED, 0);
        code.apply(Operation.MULTIPLY, RESULT, OF_RESULT, SILU);
        row.store(code, RESULT, vector, OF_DOORS, row.bytes());
        code.apply(Operation.ADD, RESULT, SIGMOID, SILU);
        code.apply(Operation.SUBTRACT_PRODUCT, RESULT, SILU, SIGMOID);
        code.apply(Operation.MULTIPLY, OF_RESULT, OF_RESULT, UP);
        code.apply(Operation.MULTIPLY, RESULT, RESULT, OF_RESULT);
        row.store(code, RESULT, vector, OF_DOORS, 0);
    }
}
