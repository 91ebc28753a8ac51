package dev.respec.model.machine;

/**
 * The softmax of {@link AttentionKernel}: each row's scores become e^(score - largest), and the factor that their sum must
 * be multiplied with is kept.
 */
final class ScoreExponentials {
    private static final int VECTOR_BYTES = 64;

    private static final Register ROW = Register.RCX;
    private static final Register CONSTANTS = Register.R8;
    private static final Register ROWS = Register.R9;
    private static final Register BLOCKS = Register.R10;
    private static final Register FACTORS = Register.RSI;
    private static final Register AT = Register.RAX;

    private static final int LARGEST = 0;
    private static final int X = 1;
    private static final int WHOLE = 2;
    private static final int POWER = 3;
    private static final int SQUARE = 4;
    private static final int TOTAL = 5;

    private ScoreExponentials() {}

    static void emit(Assembler code, int rows) {
        int blockBytes = rows * VECTOR_BYTES;
        code.load(ROW, Register.RDI, AttentionKernel.SCORES_AT);
        code.load(CONSTANTS, Register.RDI, AttentionKernel.CONSTANTS_AT);
        code.load(FACTORS, Register.RDI, AttentionKernel.FACTORS_AT);
        code.set(ROWS, rows);
        int nextRow = code.here();
        largestOfRow(code, blockBytes);
        powersOfRow(code, blockBytes);
        code.broadcast(X, CONSTANTS, Exponential.ONE);
        code.apply(Operation.DIVIDE, X, X, TOTAL);
        code.storeVector(X, FACTORS, 0);
        code.add(FACTORS, VECTOR_BYTES);
        code.add(ROW, VECTOR_BYTES);
        code.repeat(ROWS, nextRow);
    }

    private static void largestOfRow(Assembler code, int blockBytes) {
        code.move(AT, ROW);
        code.load(BLOCKS, Register.RDI, AttentionKernel.BLOCKS_AT);
        code.loadVector(LARGEST, AT, 0);
        int nextBlock = code.here();
        code.apply(Operation.GREATEST, LARGEST, LARGEST, AT, 0);
        code.add(AT, blockBytes);
        code.repeat(BLOCKS, nextBlock);
        AcrossVector.emit(code, Operation.GREATEST, LARGEST, X);
    }

    /** Replaces the row's scores; their sum is in every float of TOTAL. */
    private static void powersOfRow(Assembler code, int blockBytes) {
        code.zero(TOTAL);
        code.move(AT, ROW);
        code.load(BLOCKS, Register.RDI, AttentionKernel.BLOCKS_AT);
        int nextBlock = code.here();
        code.loadVector(X, AT, 0);
        code.apply(Operation.SUBTRACT, X, X, LARGEST);
        Exponential.emit(code, POWER, X, WHOLE, SQUARE, CONSTANTS);
        code.storeVector(POWER, AT, 0);
        code.apply(Operation.ADD, TOTAL, TOTAL, POWER);
        code.add(AT, blockBytes);
        code.repeat(BLOCKS, nextBlock);
        AcrossVector.emit(code, Operation.ADD, TOTAL, X);
    }
}
