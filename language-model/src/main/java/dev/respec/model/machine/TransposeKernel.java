package dev.respec.model.machine;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Machine code that transposes matrices of floats, in blocks of 16 × 16. */
public final class TransposeKernel {
    private static final int BLOCK = 16;
    private static final int VECTOR_BYTES = BLOCK * Float.BYTES;
    private static final int SECOND_HALF = 16;
    private static final int FIRST_TWO = 0x44;
    private static final int LAST_TWO = 0xee;
    private static final int EVEN_QUARTERS = 0x88;
    private static final int ODD_QUARTERS = 0xdd;

    private static final int FROM_AT = 0;
    private static final int TO_AT = 8;
    private static final int ROW_BLOCKS_AT = 16;
    private static final int COLUMN_BLOCKS_AT = 24;

    private static final Map<Shape, Long> FUNCTIONS = new ConcurrentHashMap<>();

    private final int fromRow;
    private final int toRow;

    /** Rows and columns of a block, the rest of which is zeros. */
    private record Shape(int fromRow, int toRow, int rows, int columns) {}

    /**
     * Matrices that lie so.
     *
     * @param fromRow bytes from one row of the matrix to the next
     * @param toRow bytes from one row of the result to the next
     */
    public TransposeKernel(int fromRow, int toRow) {
        this.fromRow = fromRow;
        this.toRow = toRow;
    }

    /**
     * Transposes [rows, columns]. Rows of the result are written to the end of a vector, with zeros.
     *
     * @param from address of the matrix
     * @param to address of the result
     */
    public void transpose(CallList calls, int rows, int columns, long from, long to) {
        int rowBlocks = rows / BLOCK;
        int columnBlocks = columns / BLOCK;
        int restRows = rows % BLOCK;
        int restColumns = columns % BLOCK;
        long fromBelow = from + (long) rowBlocks * BLOCK * fromRow;
        long toBelow = to + (long) rowBlocks * VECTOR_BYTES;
        long fromRight = (long) columnBlocks * VECTOR_BYTES;
        long toRight = (long) columnBlocks * BLOCK * toRow;
        blocks(calls, BLOCK, BLOCK, new long[] {from, to, rowBlocks, columnBlocks});
        blocks(calls, BLOCK, restColumns, new long[] {from + fromRight, to + toRight, rowBlocks, 1});
        blocks(calls, restRows, BLOCK, new long[] {fromBelow, toBelow, 1, columnBlocks});
        blocks(calls, restRows, restColumns, new long[] {fromBelow + fromRight, toBelow + toRight, 1, 1});
    }

    private void blocks(CallList calls, int rows, int columns, long[] arguments) {
        if (rows > 0 && columns > 0 && arguments[2] > 0 && arguments[3] > 0) {
            Shape shape = new Shape(fromRow, toRow, rows, columns);
            calls.add(FUNCTIONS.computeIfAbsent(shape, TransposeKernel::compile), arguments);
        }
    }

    private static long compile(Shape shape) {
        var code = new Assembler();
        Register from = Register.RSI;
        Register to = Register.RCX;
        Register rowBlocks = Register.R8;
        Register columnBlocks = Register.R9;
        Register block = Register.RDX;
        Register result = Register.R10;
        if (shape.columns < BLOCK) {
            code.setMask((1 << shape.columns) - 1);
        }
        code.load(from, Register.RDI, FROM_AT);
        code.load(to, Register.RDI, TO_AT);
        code.load(rowBlocks, Register.RDI, ROW_BLOCKS_AT);
        int nextRows = code.here();
        code.load(columnBlocks, Register.RDI, COLUMN_BLOCKS_AT);
        code.move(block, from);
        code.move(result, to);
        int nextColumns = code.here();
        load(code, shape, block);
        interleave(code);
        for (int column = 0; column < BLOCK / 4; column++) {
            gather(code, shape, column, result);
        }
        code.add(block, VECTOR_BYTES);
        code.add(result, BLOCK * shape.toRow);
        code.repeat(columnBlocks, nextColumns);
        code.add(from, BLOCK * shape.fromRow);
        code.add(to, VECTOR_BYTES);
        code.repeat(rowBlocks, nextRows);
        code.returnToCaller();
        return MachineCode.address(code);
    }

    private static void load(Assembler code, Shape shape, Register block) {
        for (int row = 0; row < BLOCK; row++) {
            if (row >= shape.rows) {
                code.zero(row);
            } else if (shape.columns < BLOCK) {
                code.loadMasked(row, block, row * shape.fromRow);
            } else {
                code.loadVector(row, block, row * shape.fromRow);
            }
        }
    }

    /** Afterwards quarter q of vector 4g + j has column 4q + j of the rows 4g to 4g + 3. */
    private static void interleave(Assembler code) {
        for (int row = 0; row < BLOCK; row += 2) {
            code.apply(Operation.INTERLEAVE_LOW, SECOND_HALF + row, row, row + 1);
            code.apply(Operation.INTERLEAVE_HIGH, SECOND_HALF + row + 1, row, row + 1);
        }
        for (int row = 0; row < BLOCK; row += 4) {
            int pairs = SECOND_HALF + row;
            code.chooseWithinQuarters(row, pairs, pairs + 2, FIRST_TWO);
            code.chooseWithinQuarters(row + 1, pairs, pairs + 2, LAST_TWO);
            code.chooseWithinQuarters(row + 2, pairs + 1, pairs + 3, FIRST_TWO);
            code.chooseWithinQuarters(row + 3, pairs + 1, pairs + 3, LAST_TWO);
        }
    }

    /** Stores the columns column, column + 4, column + 8 and column + 12. */
    private static void gather(Assembler code, Shape shape, int column, Register result) {
        int upperEven = SECOND_HALF;
        int upperOdd = SECOND_HALF + 1;
        int lowerEven = SECOND_HALF + 2;
        int lowerOdd = SECOND_HALF + 3;
        code.chooseQuarters(upperEven, column, column + 4, EVEN_QUARTERS);
        code.chooseQuarters(upperOdd, column, column + 4, ODD_QUARTERS);
        code.chooseQuarters(lowerEven, column + 8, column + 12, EVEN_QUARTERS);
        code.chooseQuarters(lowerOdd, column + 8, column + 12, ODD_QUARTERS);
        int[][] parts = {
            {upperEven, lowerEven, EVEN_QUARTERS},
            {upperOdd, lowerOdd, EVEN_QUARTERS},
            {upperEven, lowerEven, ODD_QUARTERS},
            {upperOdd, lowerOdd, ODD_QUARTERS}
        };
        for (int i = 0; i < parts.length; i++) {
            int at = column + 4 * i;
            if (at < shape.columns) {
                int vector = SECOND_HALF + 4 + i;
                code.chooseQuarters(vector, parts[i][0], parts[i][1], parts[i][2]);
                code.storeVector(vector, result, at * shape.toRow);
            }
        }
    }
}
