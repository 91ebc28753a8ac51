package dev.respec.model.machine;

import com.sun.jna.Function;

/** Machine code that reads memory and does nothing with it: what the other kernels' reading is compared with. */
public final class ReadKernel {
    /** Bytes of a turn of the loop. */
    public static final int STRIDE = 512;

    private static final int VECTOR_BYTES = 64;
    private static final int AHEAD = 2048;
    private static final int ADDRESS_AT = 0;
    private static final int TURNS_AT = 8;

    private static final Function FUNCTION = compile();

    private ReadKernel() {}

    /** @param bytes a multiple of {@link #STRIDE}, at least one */
    public static void read(Call call, long address, long bytes) {
        call.set(ADDRESS_AT, address);
        call.set(TURNS_AT, bytes / STRIDE);
        call.invoke(FUNCTION);
    }

    private static Function compile() {
        var code = new Assembler();
        code.load(Register.RSI, Register.RDI, ADDRESS_AT);
        code.load(Register.RCX, Register.RDI, TURNS_AT);
        int turn = code.here();
        for (int at = 0; at < STRIDE; at += VECTOR_BYTES) {
            code.prefetch(Register.RSI, AHEAD + at);
            code.loadVector(at / VECTOR_BYTES, Register.RSI, at);
        }
        code.add(Register.RSI, STRIDE);
        code.repeat(Register.RCX, turn);
        code.returnToCaller();
        return MachineCode.function(code);
    }
}
