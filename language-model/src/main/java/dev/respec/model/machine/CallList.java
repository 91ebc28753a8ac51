package dev.respec.model.machine;

import com.sun.jna.Function;
import com.sun.jna.Pointer;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;

/**
 * Calls of kernels, made one after the other without a way back to Java in between: small kernels take less time than such
 * a way. Calls that do not fit are made before others are added. Owned by one thread.
 */
public final class CallList {
    private static final int LONGS = 16;
    private static final int FUNCTION = LONGS - 1;
    private static final int MOST_CALLS = 256;
    private static final Function CALL_EACH = compile();

    private final ByteBuffer bytes = NativeFloats.lines((MOST_CALLS + 1) * LONGS * Long.BYTES);
    private final LongBuffer values = bytes.asLongBuffer();
    private final Object[] pointer = {new Pointer(NativeFloats.address(bytes))};
    private int count;

    /** @param arguments 8 bytes each, which the kernel may change; at most 15 */
    void add(long function, long... arguments) {
        if (count == MOST_CALLS) {
            run();
        }
        int at = count * LONGS;
        for (int i = 0; i < arguments.length; i++) {
            values.put(at + i, arguments[i]);
        }
        values.put(at + FUNCTION, function);
        count++;
    }

    /** Makes the calls that were added. */
    public void run() {
        if (count > 0) {
            values.put(count * LONGS + FUNCTION, 0);
            count = 0;
            try {
                CALL_EACH.invokeVoid(pointer);
            } finally {
                Reference.reachabilityFence(this); // the pointer alone would not keep the buffer
            }
        }
    }

    private static Function compile() {
        var code = new Assembler();
        code.callEach(LONGS * Long.BYTES, FUNCTION * Long.BYTES);
        return MachineCode.function(code);
    }
}
