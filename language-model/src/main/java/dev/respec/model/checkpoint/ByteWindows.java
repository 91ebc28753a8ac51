package dev.respec.model.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Memory in windows of one size, because one buffer addresses at most 2^31-1 bytes.
 *
 * @param windowBytes of each window but the last
 */
public record ByteWindows(List<ByteBuffer> windows, int windowBytes) {
    public ByteWindows {
        windows = List.copyOf(windows);
    }

    /** The window that a byte is in. */
    public ByteBuffer window(long at) {
        return windows.get((int) (at / windowBytes));
    }

    /** Where a byte is in its window. */
    public int offset(long at) {
        return (int) (at % windowBytes);
    }

    /** Some bytes, little-endian: a view if they are in one window, otherwise a copy. */
    public ByteBuffer part(long from, int count) {
        if (count == 0) {
            return ByteBuffer.allocate(0).order(ByteOrder.LITTLE_ENDIAN);
        }
        if (offset(from) + (long) count <= windowBytes) {
            return window(from).slice(offset(from), count).order(ByteOrder.LITTLE_ENDIAN);
        }
        var copy = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (copy.hasRemaining()) {
            long at = from + copy.position();
            copy.put(window(at).slice(offset(at), Math.min(copy.remaining(), windowBytes - offset(at))));
        }
        return copy.flip();
    }
}
