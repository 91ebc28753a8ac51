package dev.respec.model.machine;

/** Sum, or largest, of the 16 floats of a vector. */
final class AcrossVector {
    private static final int[] OTHER_HALF_THEN_NEIGHBOUR = {0x4e, 0xb1};

    private AcrossVector() {}

    /** Every float becomes what the operation makes of all 16; changes the spare vector. */
    static void emit(Assembler code, Operation operation, int vector, int spare) {
        for (int order : OTHER_HALF_THEN_NEIGHBOUR) {
            code.orderQuarters(spare, vector, order);
            code.apply(operation, vector, vector, spare);
        }
        for (int order : OTHER_HALF_THEN_NEIGHBOUR) {
            code.orderWithinQuarters(spare, vector, order);
            code.apply(operation, vector, vector, spare);
        }
    }
}
