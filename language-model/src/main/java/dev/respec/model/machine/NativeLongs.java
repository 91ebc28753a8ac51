package dev.respec.model.machine;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;

/** Longs that kernels read, grown as needed; released with the object. Owned by one thread. */
final class NativeLongs {
    private LongBuffer values = LongBuffer.allocate(0);
    private long address;

    /** Makes room for so many; what was there is gone if there was not. */
    void reserve(int count) {
        if (values.capacity() < count) {
            ByteBuffer bytes = NativeFloats.lines(Math.multiplyExact(Integer.highestOneBit(count), 2 * Long.BYTES));
            values = bytes.asLongBuffer();
            address = NativeFloats.address(bytes);
        }
    }

    LongBuffer values() {
        return values;
    }

    /** Address of the first one. */
    long address() {
        return address;
    }
}
