package dev.respec.model.checkpoint;

import dev.respec.model.machine.FilePages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;

/** A file mapped in windows, because one buffer addresses at most 2^31-1 bytes; mapped while anything refers to it. */
final class MappedFile implements TensorBytes {
    static final int WINDOW_BYTES = 1 << 30;

    private final ByteWindows windows;
    private final long size;

    private MappedFile(ByteWindows windows, long size) {
        this.windows = windows;
        this.size = size;
    }

    static MappedFile map(FileChannel channel) throws IOException {
        return map(channel, WINDOW_BYTES);
    }

    /** @param windowBytes a multiple of the page size */
    static MappedFile map(FileChannel channel, int windowBytes) throws IOException {
        long size = channel.size();
        var windows = new ArrayList<ByteBuffer>();
        for (long start = 0; start < size; start += windowBytes) {
            windows.add(channel.map(FileChannel.MapMode.READ_ONLY, start, Math.min(windowBytes, size - start)));
        }
        return new MappedFile(new ByteWindows(windows, windowBytes), size);
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public ByteBuffer part(long from, int count) {
        return windows.part(from, count);
    }

    @Override
    public void release(long from, long count) {
        long end = from + count;
        for (long start = from; start < end; ) {
            int at = windows.offset(start);
            int length = (int) Math.min(end - start, windows.windowBytes() - at);
            FilePages.release(windows.window(start), at, length);
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
