package dev.respec.model.vector;

import dev.respec.model.machine.MachineCode;

/** What multiplies in bfloat16. */
public enum Arithmetic {
    /** Machine code where the processor has dot products of bfloat16, otherwise as {@link #PORTABLE}. */
    FASTEST,
    /** Java's vectors, and the native library for many rows. */
    PORTABLE;

    /** Whether it is machine code here. */
    public boolean usesMachineCode() {
        return this == FASTEST && MachineCode.available();
    }
}
