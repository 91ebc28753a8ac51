package dev.respec.model.machine;

import com.sun.jna.Function;
import com.sun.jna.Native;
import java.lang.ref.Reference;
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

    /** Calls a function whose only argument is the address of the arguments set. */
    void invoke(Function function) {
        try {
            function.invokeVoid(pointer);
        } finally {
            Reference.reachabilityFence(this); // the pointer alone would not keep the buffer
        }
    }
}
