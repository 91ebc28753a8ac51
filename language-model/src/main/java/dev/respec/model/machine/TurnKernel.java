package dev.respec.model.machine;

/**
 * Machine code for rotary positions, in place: of each head the numbers j and j + dimension / 2 are turned by an angle that
 * belongs to j and to the position.
 */
public final class TurnKernel {
    private static final int ROWS_AT = 0;
    private static final int COSINES_AT = 8;
    private static final int SINES_AT = 16;
    private static final int COUNT_AT = 24;

    private static final int COSINE = 0;
    private static final int SINE = 1;
    private static final int FIRST = 2;
    private static final int SECOND = 3;
    private static final int TURNED_FIRST = 4;
    private static final int TURNED_SECOND = 5;

    private final long forward;
    private final long backward;

    /**
     * Rows that begin with heads that are turned.
     *
     * @param rowBytes from one row to the next
     */
    public TurnKernel(int heads, int dimension, int rowBytes) {
        forward = compile(heads, dimension, rowBytes, Operation.SUBTRACT_PRODUCT, Operation.ADD_PRODUCT);
        backward = compile(heads, dimension, rowBytes, Operation.ADD_PRODUCT, Operation.SUBTRACT_PRODUCT);
    }

    /** Turns the rows of positions 0 and on; cosines and sines are [count, dimension / 2]. */
    public void forward(CallList calls, int count, long rows, long cosines, long sines) {
        calls.add(forward, rows, cosines, sines, count);
    }

    /** Turns back, which is the gradient. */
    public void backward(CallList calls, int count, long rows, long cosines, long sines) {
        calls.add(backward, rows, cosines, sines, count);
    }

    private static long compile(int heads, int dimension, int rowBytes, Operation ofFirst, Operation ofSecond) {
        var code = new Assembler();
        var half = new RowCode(dimension / 2);
        Register rows = Register.RSI;
        Register cosines = Register.RDX;
        Register sines = Register.RCX;
        Register count = Register.R9;
        half.setMask(code);
        code.load(rows, Register.RDI, ROWS_AT);
        code.load(cosines, Register.RDI, COSINES_AT);
        code.load(sines, Register.RDI, SINES_AT);
        code.load(count, Register.RDI, COUNT_AT);
        int next = code.here();
        for (int vector = 0; vector < half.vectors(); vector++) {
            half.load(code, COSINE, vector, cosines, 0);
            half.load(code, SINE, vector, sines, 0);
            for (int head = 0; head < heads; head++) {
                int at = head * dimension * Float.BYTES;
                half.load(code, FIRST, vector, rows, at);
                half.load(code, SECOND, vector, rows, at + half.bytes());
                code.apply(Operation.MULTIPLY, TURNED_FIRST, FIRST, COSINE);
                code.apply(ofFirst, TURNED_FIRST, SECOND, SINE);
                code.apply(Operation.MULTIPLY, TURNED_SECOND, SECOND, COSINE);
                code.apply(ofSecond, TURNED_SECOND, FIRST, SINE);
                half.store(code, TURNED_FIRST, vector, rows, at);
                half.store(code, TURNED_SECOND, vector, rows, at + half.bytes());
            }
        }
        code.add(rows, rowBytes);
        code.add(cosines, half.bytes());
        code.add(sines, half.bytes());
        code.repeat(count, next);
        code.returnToCaller();
        return MachineCode.address(code);
    }
}
