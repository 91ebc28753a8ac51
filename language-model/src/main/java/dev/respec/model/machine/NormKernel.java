package dev.respec.model.machine;

/** Machine code for the RMS norm of rows, y = weight * x / sqrt(mean(x^2) + epsilon), and its gradient. */
public final class NormKernel {
    private static final int X_AT = 0;
    private static final int WEIGHT_AT = 8;
    private static final int Y_AT = 16;
    private static final int ROWS_AT = 24;
    private static final int CONSTANTS_AT = 32;
    private static final int OF_Y_AT = 40;
    private static final int OF_X_AT = 48;
    private static final int OF_WEIGHT_AT = 56;

    private static final int SHARE = 0;
    private static final int EPSILON = 4;
    private static final int ONE = 8;

    private static final int SQUARES = 16;
    private static final int INVERSE = 16;
    private static final int PRODUCTS = 18;
    private static final int ALONG = 18;
    private static final int SPARE = 20;

    private static final Register X = Register.RSI;
    private static final Register WEIGHT = Register.RDX;
    private static final Register OF_Y = Register.RCX;
    private static final Register OF_X = Register.R8;
    private static final Register ROWS = Register.R9;
    private static final Register OF_WEIGHT = Register.R10;
    private static final Register CONSTANTS = Register.R11;
    private static final Register Y = Register.RAX;

    private final NativeFloats constants = new NativeFloats();
    private final long forward;
    private final long backward;

    /** @param width of a row */
    public NormKernel(int width, double epsilon) {
        constants.reserve(ONE / Float.BYTES + 1);
        constants.floats().put(0, new float[] {1f / width, (float) epsilon, 1f});
        forward = forward(new RowCode(width));
        backward = backward(new RowCode(width));
    }

    /** Addresses of rows, one after the other, and of the weight. */
    public void forward(CallList calls, int rows, long x, long weight, long y) {
        calls.add(forward, x, weight, y, rows, constants.address());
    }

    /**
     * What a gradient reads and writes.
     *
     * @param ofY address of the gradient of y
     * @param ofX that of x, which is added to
     * @param ofWeight that of the weight, which is added to
     */
    public record Gradients(long ofY, long ofX, long ofWeight) {}

    /** Computes y again, for products that need it. */
    public void backward(CallList calls, int rows, long x, long weight, long y, Gradients gradients) {
        calls.add(backward, x, weight, y, rows, constants.address(), gradients.ofY, gradients.ofX, gradients.ofWeight);
    }

    private static long forward(RowCode row) {
        var code = new Assembler();
        row.setMask(code);
        code.load(X, Register.RDI, X_AT);
        code.load(WEIGHT, Register.RDI, WEIGHT_AT);
        code.load(Y, Register.RDI, Y_AT);
        code.load(ROWS, Register.RDI, ROWS_AT);
        code.load(CONSTANTS, Register.RDI, CONSTANTS_AT);
        int next = code.here();
        code.zero(SQUARES);
        code.zero(SQUARES + 1);
        for (int vector = 0; vector < row.vectors(); vector++) {
            row.load(code, SPARE, vector, X, 0);
            code.apply(Operation.ADD_PRODUCT, SQUARES + vector % 2, SPARE, SPARE);
        }
        invert(code);
        for (int vector = 0; vector < row.vectors(); vector++) {
            row.load(code, SPARE, vector, X, 0);
            row.load(code, SPARE + 1, vector, WEIGHT, 0);
            code.apply(Operation.MULTIPLY, SPARE, SPARE, INVERSE);
            code.apply(Operation.MULTIPLY, SPARE, SPARE, SPARE + 1);
            row.store(code, SPARE, vector, Y, 0);
        }
        code.add(X, row.bytes());
        code.add(Y, row.bytes());
        code.repeat(ROWS, next);
        code.returnToCaller();
        return MachineCode.address(code);
    }

    /** From two vectors of sums of squares to one over the root of their mean. */
    private static void invert(Assembler code) {
        code.apply(Operation.ADD, SQUARES, SQUARES, SQUARES + 1);
        AcrossVector.emit(code, Operation.ADD, SQUARES, SPARE);
        code.applyBroadcast(Operation.MULTIPLY, SQUARES, SQUARES, CONSTANTS, SHARE);
        code.applyBroadcast(Operation.ADD, SQUARES, SQUARES, CONSTANTS, EPSILON);
        code.root(SQUARES, SQUARES);
        code.broadcast(SPARE, CONSTANTS, ONE);
        code.apply(Operation.DIVIDE, INVERSE, SPARE, SQUARES);
    }

    private static long backward(RowCode row) {
        var code = new Assembler();
        row.setMask(code);
        code.load(X, Register.RDI, X_AT);
        code.load(WEIGHT, Register.RDI, WEIGHT_AT);
        code.load(Y, Register.RDI, Y_AT);
        code.load(ROWS, Register.RDI, ROWS_AT);
        code.load(CONSTANTS, Register.RDI, CONSTANTS_AT);
        code.load(OF_Y, Register.RDI, OF_Y_AT);
        code.load(OF_X, Register.RDI, OF_X_AT);
        code.load(OF_WEIGHT, Register.RDI, OF_WEIGHT_AT);
        int next = code.here();
        sums(code, row);
        for (int vector = 0; vector < row.vectors(); vector++) {
            change(code, row, vector);
        }
        for (Register each : new Register[] {X, Y, OF_Y, OF_X}) {
            code.add(each, row.bytes());
        }
        code.repeat(ROWS, next);
        code.returnToCaller();
        return MachineCode.address(code);
    }

    /** One over the root, and the share of x / root in the gradient that the norm takes out. */
    private static void sums(Assembler code, RowCode row) {
        for (int sum = SQUARES; sum < SPARE; sum++) {
            code.zero(sum);
        }
        for (int vector = 0; vector < row.vectors(); vector++) {
            row.load(code, SPARE, vector, X, 0);
            row.load(code, SPARE + 1, vector, OF_Y, 0);
            row.load(code, SPARE + 2, vector, WEIGHT, 0);
            code.apply(Operation.MULTIPLY, SPARE + 1, SPARE + 1, SPARE + 2);
            code.apply(Operation.ADD_PRODUCT, SQUARES + vector % 2, SPARE, SPARE);
            code.apply(Operation.ADD_PRODUCT, PRODUCTS + vector % 2, SPARE, SPARE + 1);
        }
        invert(code);
        code.apply(Operation.ADD, PRODUCTS, PRODUCTS, PRODUCTS + 1);
        AcrossVector.emit(code, Operation.ADD, PRODUCTS, SPARE);
        code.applyBroadcast(Operation.MULTIPLY, ALONG, PRODUCTS, CONSTANTS, SHARE);
        code.apply(Operation.MULTIPLY, ALONG, ALONG, INVERSE);
        code.apply(Operation.MULTIPLY, ALONG, ALONG, INVERSE);
    }

    private static void change(Assembler code, RowCode row, int vector) {
        int unit = SPARE;
        int ofY = SPARE + 1;
        int weight = SPARE + 2;
        int y = SPARE + 3;
        int sum = SPARE + 4;
        row.load(code, unit, vector, X, 0);
        row.load(code, ofY, vector, OF_Y, 0);
        row.load(code, weight, vector, WEIGHT, 0);
        code.apply(Operation.MULTIPLY, unit, unit, INVERSE);
        code.apply(Operation.MULTIPLY, y, unit, weight);
        row.store(code, y, vector, Y, 0);
        row.load(code, sum, vector, OF_WEIGHT, 0);
        code.apply(Operation.ADD_PRODUCT, sum, ofY, unit);
        row.store(code, sum, vector, OF_WEIGHT, 0);
        row.load(code, sum, vector, OF_X, 0);
        code.apply(Operation.MULTIPLY, ofY, ofY, weight);
        code.apply(Operation.ADD_PRODUCT, sum, ofY, INVERSE);
        code.apply(Operation.SUBTRACT_PRODUCT, sum, unit, ALONG);
        row.store(code, sum, vector, OF_X, 0);
    }
}
