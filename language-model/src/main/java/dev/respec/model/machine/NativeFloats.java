package dev.respec.model.machine;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** Floats that kernels read and write, grown as needed; released with the object. Owned by one thread. */
public final class NativeFloats {
    private static final int LINE = 64;

    private FloatBuffer floats = FloatBuffer.allocate(0);
    private long address;

    /** Makes room for so many; what was there is gone if there was not. */
    public void reserve(int count) {
        if (floats.capacity() < count) {
            ByteBuffer bytes = lines(Math.multiplyExact(Integer.highestOneBit(count), 2 * Float.BYTES));
            floats = bytes.asFloatBuffer();
            address = address(bytes);
        }
    }

    public FloatBuffer floats() {
        return floats;
    }

    /** Address of the first one. */
    public long address() {
        return address;
    }

    /** Bytes outside the Java heap from the beginning of a cache line on. */
    public static ByteBuffer lines(int bytes) {
        // whole lines: an aligned slice ends at a line, too
        int whole = (bytes + LINE - 1) / LINE * LINE;
        return ByteBuffer.allocateDirect(whole + LINE).alignedSlice(LINE).order(ByteOrder.nativeOrder());
    }

    public static long address(Buffer direct) {
        return Pointer.nativeValue(Native.getDirectBufferPointer(direct));
    }
}
