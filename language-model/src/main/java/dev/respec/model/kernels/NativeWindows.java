package dev.respec.model.kernels;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import dev.respec.model.checkpoint.TensorBytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** The memory of a contiguous array of any size, in windows of whole rows: one buffer addresses at most 2^31-1 bytes. */
final class NativeWindows implements TensorBytes {
    private static final long WINDOW_BYTES = 1 << 30;

    private final List<ByteBuffer> windows;
    private final int windowBytes;
    private final long size;

    NativeWindows(NDArray array) {
        this(array, WINDOW_BYTES);
    }

    /** @param mostBytes of a window, unless one row has more */
    NativeWindows(NDArray array, long mostBytes) {
        this.size = array.size() * array.getDataType().getNumOfBytes();
        this.windows = new ArrayList<>();
        if (size <= mostBytes) {
            this.windowBytes = (int) Math.max(1, size);
            if (size > 0) {
                windows.add(array.toByteBuffer(true));
            }
            return;
        }
        long count = array.getShape().get(0);
        long rowBytes = size / count;
        long rows = Math.max(1, mostBytes / rowBytes);
        this.windowBytes = Math.toIntExact(rows * rowBytes);
        for (long from = 0; from < count; from += rows) {
            try (NDArray part = array.get(new NDIndex().addSliceDim(from, Math.min(count, from + rows)))) {
                // the memory is the array's, which outlives this view of it
                windows.add(part.toByteBuffer(true));
            }
        }
    }

    /** Writes float32 values from an element on. */
    void write(long element, float[] values, int count) {
        for (int done = 0; done < count; ) {
            long from = (element + done) * Float.BYTES;
            int at = (int) (from % windowBytes);
            int now = Math.min(count - done, (windowBytes - at) / Float.BYTES);
            windows.get((int) (from / windowBytes))
                    .slice(at, now * Float.BYTES)
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer()
                    .put(values, done, now);
            done += now;
        }
    }

    /** Writes bytes from a byte on. */
    void write(long from, ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            int at = (int) (from % windowBytes);
            int now = Math.min(bytes.remaining(), windowBytes - at);
            windows.get((int) (from / windowBytes)).put(at, bytes, bytes.position(), now);
            bytes.position(bytes.position() + now);
            from += now;
        }
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public ByteBuffer part(long from, int count) {
        int window = (int) (from / windowBytes);
        int at = (int) (from % windowBytes);
        if (count == 0) {
            return ByteBuffer.allocate(0).order(ByteOrder.LITTLE_ENDIAN);
        }
        if (at + (long) count <= windowBytes) {
            return windows.get(window).slice(at, count).order(ByteOrder.LITTLE_ENDIAN);
        }
        var copy = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        for (; copy.hasRemaining(); window++, at = 0) {
            copy.put(windows.get(window).slice(at, Math.min(copy.remaining(), windowBytes - at)));
        }
        return copy.flip();
    }
}
