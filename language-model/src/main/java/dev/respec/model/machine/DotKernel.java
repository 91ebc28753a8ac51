package dev.respec.model.machine;

import com.sun.jna.Function;
import dev.respec.model.machine.Assembler.Operation;
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

    private static final int WEIGHTS = 31;
    private static final int VECTOR_BYTES = 64;
    private static final int PAIR_BYTES = 4;
    /** Pairs of inputs a turn of the loop. */
    private static final int UNROLLED = 4;
    /** How far ahead weights are asked for. */
    private static final int AHEAD = 1024;

    private static final Map<Shape, Function> FUNCTIONS = new ConcurrentHashMap<>();

    private record Shape(int rows, int inputs, int rowBytes) {}

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
        Register call = Register.RDI;
        Register weights = Register.RSI;
        Register x = Register.RDX;
        Register sums = Register.RCX;
        Register panels = Register.R8;
        Register turns = Register.R9;
        Register stride = Register.R10;
        Register passes = Register.R11;
        Register moving = Register.RAX;
        int pairs = shape.inputs / 2;
        int panelBytes = pairs * VECTOR_BYTES;

        code.load(weights, call, WEIGHTS_AT);
        code.load(panels, call, PANELS_AT);
        code.load(stride, call, STRIDE_AT);
        int panel = code.here();
        code.load(x, call, ROWS_AT);
        code.load(sums, call, SUMS_AT);
        code.load(passes, call, PASSES_AT);
        int pass = code.here();
        for (int row = 0; row < shape.rows; row++) {
            code.zero(row);
        }
        code.move(moving, x);
        code.set(turns, pairs / UNROLLED);
        int turn = code.here();
        for (int pair = 0; pair < UNROLLED; pair++) {
            code.prefetch(weights, AHEAD + pair * VECTOR_BYTES);
            code.loadVector(WEIGHTS, weights, pair * VECTOR_BYTES);
            for (int row = 0; row < shape.rows; row++) {
                code.applyBroadcast(Operation.ADD_DOTS, row, WEIGHTS, moving, row * shape.rowBytes + pair * PAIR_BYTES);
            }
        }
        code.add(weights, UNROLLED * VECTOR_BYTES);
        code.add(moving, UNROLLED * PAIR_BYTES);
        code.repeat(turns, turn);
        for (int row = 0; row < shape.rows; row++) {
            code.storeVector(row, sums, 0);
            code.add(sums, stride);
        }
        // the next rows of this panel
        code.load(moving, call, LAST_SUMS_AT);
        code.least(sums, moving);
        code.add(x, shape.rows * shape.rowBytes);
        code.load(moving, call, LAST_ROWS_AT);
        code.least(x, moving);
        code.add(weights, -panelBytes);
        code.repeat(passes, pass);
        // the next panel, whose sums are the next 16 of every row
        code.add(weights, panelBytes);
        for (int at : new int[] {SUMS_AT, LAST_SUMS_AT}) {
            code.load(moving, call, at);
            code.add(moving, VECTOR_BYTES);
            code.store(moving, call, at);
        }
        code.repeat(panels, panel);
        code.returnToCaller();
        return MachineCode.function(code);
    }
}
