package dev.respec.model.machine;

import com.sun.jna.Function;

/** Machine code for the activations between the products of a gated feed-forward layer: silu(gate) * up, in bfloat16. */
public final class GateKernel {
    private static final int SUMS_AT = 0;
    private static final int ROWS_AT = 8;
    private static final int GROUPS_AT = 16;
    private static final int RESULTS_AT = 24;
    private static final int STRIDE_AT = 32;
    private static final int CONSTANTS_AT = 40;

    private static final int VECTOR_BYTES = 64;
    private static final int GROUP_BYTES = 4 * VECTOR_BYTES;
    private static final Function FUNCTION = compile();

    private GateKernel() {}

    /**
     * Activates groups of 32 outputs.
     *
     * @param sums address of [rows, groups, 64] floats: 32 of the gate, then the 32 of up
     * @param results address of the first row's first group, 16 pairs of bfloat16: an output and the one 16 behind
     * @param rowBytes from one row of results to the next
     */
    public static void activate(Call call, long sums, int groups, int rows, long results, int rowBytes) {
        call.set(SUMS_AT, sums);
        call.set(ROWS_AT, rows);
        call.set(GROUPS_AT, groups);
        call.set(RESULTS_AT, results);
        call.set(STRIDE_AT, rowBytes);
        call.set(CONSTANTS_AT, Exponential.constants());
        call.invoke(FUNCTION);
    }

    private static Function compile() {
        var code = new Assembler();
        Register sums = Register.RSI;
        Register rows = Register.R8;
        Register groups = Register.R9;
        Register result = Register.RCX;
        Register row = Register.RDX;
        Register stride = Register.R10;
        Register constants = Register.R11;
        int low = 8;
        int high = 9;
        code.load(sums, Register.RDI, SUMS_AT);
        code.load(rows, Register.RDI, ROWS_AT);
        code.load(row, Register.RDI, RESULTS_AT);
        code.load(stride, Register.RDI, STRIDE_AT);
        code.load(constants, Register.RDI, CONSTANTS_AT);
        int nextRow = code.here();
        code.load(groups, Register.RDI, GROUPS_AT);
        code.move(result, row);
        int nextGroup = code.here();
        activate(code, low, sums, 0, constants);
        activate(code, high, sums, VECTOR_BYTES, constants);
        code.toBfloat16(low, low);
        code.toBfloat16(high, high);
        code.shiftLeft(high, high, Short.SIZE);
        code.apply(Operation.OR, low, low, high);
        code.storeVector(low, result, 0);
        code.add(result, VECTOR_BYTES);
        code.add(sums, GROUP_BYTES);
        code.repeat(groups, nextGroup);
        code.add(row, stride);
        code.repeat(rows, nextRow);
        code.returnToCaller();
        return MachineCode.function(code);
    }

    /** to = gate * up / (1 + e^-gate), 16 outputs from an offset on. */
    private static void activate(Assembler code, int to, Register sums, int offset, Register constants) {
        int x = 1;
        int whole = 2;
        int power = 3;
        int square = 4;
        code.zero(x);
        code.apply(Operation.SUBTRACT, x, x, sums, offset);
        Exponential.emit(code, power, x, whole, square, constants);
        code.applyBroadcast(Operation.ADD, power, power, constants, Exponential.ONE);
        code.loadVector(to, sums, offset);
        code.apply(Operation.MULTIPLY, to, to, sums, offset + 2 * VECTOR_BYTES);
        code.apply(Operation.DIVIDE, to, to, power);
    }
}
