package dev.respec.model.machine;

import com.sun.jna.Function;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Machine code that multiplies a fixed number of rows with panels of a matrix, both bfloat16, sums in float32.
 *
 * <p>A panel is 16 outputs; its weights lie pair of inputs after pair of inputs, 64 bytes each. A pass reads a panel once
 * from front to back: one load of 64 bytes, then one dot product a row whose pair of inputs is broadcast from memory. All
 * sums stay in registers, so up to {@link #MOST_ROWS} rows cost one reading; with more the panel is passed over again
 * while it is near. Each output is one chain of additions in the order of the inputs, whatever rows are beside it: a row's
 * result does not depend on the batch, not in one bit.
 */
public final class DotKernel {
    /** Outputs of a panel. */
    public static final int PANEL = 16;
    /** Most rows of a pass: a register each, and one for the weights. */
    public static final int MOST_ROWS = 30;
    /** Inputs are padded to a multiple of this. */
    public static final int GROUP = 32;

    /** The vector with the weights that all rows meet. */
    private static final int SHARED = 31;

    private static final int VECTOR_BYTES = 64;
    private static final int PAIR_BYTES = 4;
    /** Pairs of inputs a turn of the loop. */
    private static final int UNROLLED = 4;
    /** How far ahead weights are asked for. */
    private static final int AHEAD = 1024;

    private static final Map<Shape, Function> FUNCTIONS = new ConcurrentHashMap<>();

    private static final Register CALL = Register.RDI;
    private static final Register WEIGHTS = Register.RSI;
    private static final Register X = Register.RDX;
    private static final Register SUMS = Register.RCX;
    private static final Register PANELS = Register.R8;
    private static final Register TURNS = Register.R9;
    private static final Register STRIDE = Register.R10;
    private static final Register PASSES = Register.R11;
    private static final Register MOVING = Register.RAX;

    private record Shape(int rows, int inputs, int rowBytes) {
        int pairs() {
            return inputs / 2;
        }

        int panelBytes() {
            return pairs() * VECTOR_BYTES;
        }
    }

    private static final int WEIGHTS_AT = 0;
    private static final int ROWS_AT = 8;
    private static final int SUMS_AT = 16;
    private static final int PANELS_AT = 24;
    private static final int PASSES_AT = 32;
    private static final int LAST_ROWS_AT = 40;
    private static final int LAST_SUMS_AT = 48;
    private static final int STRIDE_AT = 56;

    private final int inputs;
    private final int rowBytes;
    private final @Nullable Function[] byRows = new Function[MOST_ROWS + 1];

    /**
     * @param inputs a multiple of {@link #GROUP}
     * @param rowBytes from one row of inputs to the next, at least 2 * inputs
     */
    public DotKernel(int inputs, int rowBytes) {
        if (inputs % GROUP != 0 || rowBytes < 2 * inputs) {
            throw new IllegalArgumentException("expected inputs in groups of " + GROUP + " within a row, got " + inputs
                    + " in " + rowBytes + " bytes");
        }
        this.inputs = inputs;
        this.rowBytes = rowBytes;
    }

    /** Bytes of a panel of so many inputs. */
    public static long panelBytes(int inputs) {
        return (long) inputs / 2 * VECTOR_BYTES;
    }

    /**
     * sums[row, output] = row times the weights of output.
     *
     * @param weights address of the first panel
     * @param x address of the first row
     * @param sums address of [rows, panels * 16] floats to write
     */
    public void multiply(Call call, long weights, int panels, long x, int rows, long sums) {
        int passes = (rows + MOST_ROWS - 1) / MOST_ROWS;
        int rowsOfPass = (rows + passes - 1) / passes;
        long stride = (long) panels * VECTOR_BYTES;
        call.set(WEIGHTS_AT, weights);
        call.set(ROWS_AT, x);
        call.set(SUMS_AT, sums);
        call.set(PANELS_AT, panels);
        call.set(PASSES_AT, passes);
        // the last pass ends with the last row: some of its rows may have been computed before
        call.set(LAST_ROWS_AT, x + (long) (rows - rowsOfPass) * rowBytes);
        call.set(LAST_SUMS_AT, sums + (rows - rowsOfPass) * stride);
        call.set(STRIDE_AT, stride);
        call.invoke(function(rowsOfPass));
    }

    private Function function(int rows) {
        Function known = byRows[rows];
        if (known == null) {
            known = FUNCTIONS.computeIfAbsent(new Shape(rows, inputs, rowBytes), DotKernel::compile);
            byRows[rows] = known;
        }
        return known;
    }

    private static Function compile(Shape shape) {
        var code = new Assembler();
        code.load(WEIGHTS, CALL, WEIGHTS_AT);
        code.load(PANELS, CALL, PANELS_AT);
        code.load(STRIDE, CALL, STRIDE_AT);
        int panel = code.here();
        code.load(X, CALL, ROWS_AT);
        code.load(SUMS, CALL, SUMS_AT);
        code.load(PASSES, CALL, PASSES_AT);
        int pass = code.here();
        pass(code, shape);
        goToNextRows(code, shape);
        code.repeat(PASSES, pass);
        goToNextPanel(code, shape);
        code.repeat(PANELS, panel);
        code.returnToCaller();
        return MachineCode.function(code);
    }

    /** Sums of some rows with one panel; WEIGHTS is then behind the panel, SUMS behind the rows. */
    private static void pass(Assembler code, Shape shape) {
        for (int row = 0; row < shape.rows; row++) {
            code.zero(row);
        }
        code.move(MOVING, X);
        code.set(TURNS, shape.pairs() / UNROLLED);
        int turn = code.here();
        for (int pair = 0; pair < UNROLLED; pair++) {
            code.prefetch(WEIGHTS, AHEAD + pair * VECTOR_BYTES);
            code.loadVector(SHARED, WEIGHTS, pair * VECTOR_BYTES);
            for (int row = 0; row < shape.rows; row++) {
                code.applyBroadcast(Operation.ADD_DOTS, row, SHARED, MOVING, row * shape.rowBytes + pair * PAIR_BYTES);
            }
        }
        code.add(WEIGHTS, UNROLLED * VECTOR_BYTES);
        code.add(MOVING, UNROLLED * PAIR_BYTES);
        code.repeat(TURNS, turn);
        for (int row = 0; row < shape.rows; row++) {
            code.storeVector(row, SUMS, 0);
            code.add(SUMS, STRIDE);
        }
    }

    /** Of the same panel. */
    private static void goToNextRows(Assembler code, Shape shape) {
        code.load(MOVING, CALL, LAST_SUMS_AT);
        code.least(SUMS, MOVING);
        code.add(X, shape.rows * shape.rowBytes);
        code.load(MOVING, CALL, LAST_ROWS_AT);
        code.least(X, MOVING);
        code.add(WEIGHTS, -shape.panelBytes());
    }

    /** Its sums are the next 16 of every row. */
    private static void goToNextPanel(Assembler code, Shape shape) {
        code.add(WEIGHTS, shape.panelBytes());
        for (int at : new int[] {SUMS_AT, LAST_SUMS_AT}) {
            code.load(MOVING, CALL, at);
            code.add(MOVING, VECTOR_BYTES);
            code.store(MOVING, CALL, at);
        }
    }
}
