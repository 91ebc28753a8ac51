package dev.respec.model.kernels;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import dev.respec.model.checkpoint.ByteWindows;
import dev.respec.model.checkpoint.TensorBytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** The memory of a contiguous array of any size, in windows of whole rows: one buffer addresses at most 2^31-1 bytes. */
final class NativeWindows implements TensorBytes {
    private static final long WINDOW_BYTES = 1 << 30;

    private final ByteWindows windows;
    private final long size;

    NativeWindows(NDArray array) {
        this(array, WINDOW_BYTES);
    }

    /** @param mostBytes of a window, unless one row has more */
    NativeWindows(NDArray array, long mostBytes) {
        this.size = array.size() * array.getDataType().getNumOfBytes();
        this.windows = size <= mostBytes ? whole(array, size) : rows(array, size, mostBytes);
    }

    private static ByteWindows whole(NDArray array, long size) {
        return new ByteWindows(size == 0 ? List.of() : List.of(array.toByteBuffer(true)), (int) Math.max(1, size));
    }

    private static ByteWindows rows(NDArray array, long size, long mostBytes) {
        List<ByteBuffer> windows = new ArrayList<>();
        long count = array.getShape().get(0);
        long rowBytes = size / count;
        long rows = Math.max(1, mostBytes / rowBytes);
        for (long from = 0; from < count; from += rows) {
            try (NDArray part = array.get(new NDIndex().addSliceDim(from, Math.min(count, from + rows)))) {
                // the memory is the array's, which outlives this view of it
                windows.add(part.toByteBuffer(true));
            }
        }
        return new ByteWindows(windows, Math.toIntExact(rows * rowBytes));
    }

    /** Writes float32 values from an element on. */
    void write(long element, float[] values, int count) {
        for (int done = 0; done < count; ) {
            long from = (element + done) * Float.BYTES;
            int at = windows.offset(from);
            int now = Math.min(count - done, (windows.windowBytes() - at) / Float.BYTES);
            windows.window(from)
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
            int at = windows.offset(from);
            int now = Math.min(bytes.remaining(), windows.windowBytes() - at);
            windows.window(from).put(at, bytes, bytes.position(), now);
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
        return windows.part(from, count);
    }
}
