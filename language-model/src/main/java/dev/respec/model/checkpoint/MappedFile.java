package dev.respec.model.checkpoint;

import dev.respec.model.machine.FilePages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/** A file mapped in windows, because one buffer addresses at most 2^31-1 bytes; mapped while anything refers to it. */
final class MappedFile implements TensorBytes {
    static final int WINDOW_BYTES = 1 << 30;

    private final ByteBuffer[] windows;
    private final int windowBytes;
    private final long size;

    private MappedFile(ByteBuffer[] windows, int windowBytes, long size) {
        this.windows = windows;
        this.windowBytes = windowBytes;
        this.size = size;
    }

    static MappedFile map(FileChannel channel) throws IOException {
        return map(channel, WINDOW_BYTES);
    }

    /** @param windowBytes a multiple of the page size */
    static MappedFile map(FileChannel channel, int windowBytes) throws IOException {
        long size = channel.size();
        var windows = new ByteBuffer[Math.toIntExact((size + windowBytes - 1) / windowBytes)];
        for (int i = 0; i < windows.length; i++) {
            long start = (long) i * windowBytes;
            windows[i] = channel.map(FileChannel.MapMode.READ_ONLY, start, Math.min(windowBytes, size - start));
        }
        return new MappedFile(windows, windowBytes, size);
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public ByteBuffer part(long from, int count) {
        int window = (int) (from / windowBytes);
        int at = (int) (from % windowBytes);
        if (count == 0 || at + (long) count <= windowBytes) {
            ByteBuffer part = count == 0 ? ByteBuffer.allocate(0) : windows[window].slice(at, count);
            return part.order(ByteOrder.LITTLE_ENDIAN);
        }
        var copy = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        for (; copy.hasRemaining(); window++, at = 0) {
            copy.put(windows[window].slice(at, Math.min(copy.remaining(), windowBytes - at)));
        }
        return copy.flip();
    }

    @Override
    public void release(long from, long count) {
        long end = from + count;
        for (long start = from; start < end; ) {
            int window = (int) (start / windowBytes);
            int at = (int) (start % windowBytes);
            int length = (int) Math.min(end - start, windowBytes - at);
            FilePages.release(windows[window], at, length);
            start += length;
        }
    }

    /** A stretch of the file. */
    TensorBytes section(long start, long count) {
        return new Section(this, start, count);
    }

    private record Section(MappedFile file, long start, long size) implements TensorBytes {
        @Override
        public ByteBuffer part(long from, int count) {
            if (from < 0 || count < 0 || from + count > size) {
                throw new IndexOutOfBoundsException("bytes " + from + " to " + (from + count) + " of " + size);
            }
            return file.part(start + from, count);
        }

        @Override
        public void release(long from, long count) {
            file.release(start + from, count);
        }
    }
}
