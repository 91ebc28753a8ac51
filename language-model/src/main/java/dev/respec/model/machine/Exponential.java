package dev.respec.model.machine;

/** e^x of 16 floats by the polynomial of the Cephes library, within two units in the last place; 1e-38 at least. */
final class Exponential {
    private static final float[] CONSTANTS = {
        1.44269504f,
        0.693359375f,
        -2.12194440e-4f,
        1.9875691500e-4f,
        1.3981999507e-3f,
        8.3334519073e-3f,
        4.1665795894e-2f,
        1.6666665459e-1f,
        5.0000001201e-1f,
        1f,
        -87.3f
    };

    private static final int LOG2_E = 0;
    private static final int LN_2_HIGH = 4;
    private static final int LN_2_LOW = 8;
    private static final int FIRST_COEFFICIENT = 12;
    private static final int COEFFICIENTS = 6;
    /** Where the constant 1 is. */
    static final int ONE = 36;

    private static final int SMALLEST = 40;

    private static final NativeFloats OUTSIDE = outside();

    private Exponential() {}

    private static NativeFloats outside() {
        var floats = new NativeFloats();
        floats.reserve(CONSTANTS.length);
        floats.floats().put(0, CONSTANTS);
        return floats;
    }

    /** Address of the constants, which a kernel keeps in a register. */
    static long constants() {
        return OUTSIDE.address();
    }

    /**
     * power = e^x; x and two more vectors are changed. NaN stays NaN.
     *
     * @param constants register that holds {@link #constants()}
     */
    static void emit(Assembler code, int power, int x, int whole, int square, Register constants) {
        // operand order propagates NaN
        code.broadcast(power, constants, SMALLEST);
        code.apply(Operation.GREATEST, x, power, x);
        code.applyBroadcast(Operation.MULTIPLY, whole, x, constants, LOG2_E);
        code.round(whole, whole);
        code.applyBroadcast(Operation.SUBTRACT_PRODUCT, x, whole, constants, LN_2_HIGH);
        code.applyBroadcast(Operation.SUBTRACT_PRODUCT, x, whole, constants, LN_2_LOW);
        code.broadcast(power, constants, FIRST_COEFFICIENT);
        for (int i = 1; i < COEFFICIENTS; i++) {
            code.applyBroadcast(Operation.MULTIPLY_ADD, power, x, constants, FIRST_COEFFICIENT + i * Float.BYTES);
        }
        code.apply(Operation.MULTIPLY, square, x, x);
        code.apply(Operation.MULTIPLY_ADD, power, square, x);
        code.applyBroadcast(Operation.ADD, power, power, constants, ONE);
        code.apply(Operation.SCALE, power, power, whole);
    }
}
