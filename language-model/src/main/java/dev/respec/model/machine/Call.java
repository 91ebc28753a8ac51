package dev.respec.model.machine;

import com.sun.jna.Native;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/** Where a kernel finds its arguments, 8 bytes each; owned by one thread. */
public final class Call {
    private static final int BYTES = 128;

    private final ByteBuffer bytes = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());
    private final LongBuffer values = bytes.asLongBuffer();
    private final Object[] pointer = {Native.getDirectBufferPointer(bytes)};

    /** @param at in bytes */
    void set(int at, long value) {
        values.put(at / Long.BYTES, value);
    }

    /** The only argument of a function. */
    Object[] pointer() {
        return pointer;
    }
}
