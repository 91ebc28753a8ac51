package dev.respec.model.machine;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** Memory outside the Java heap that is given back all at once; what is small shares huge pages. */
public final class NativeArena implements AutoCloseable {
    private static final long CHUNK = 32 << 20;
    /** Cache lines, two at a time. */
    private static final long ALIGNMENT = 128;

    private final List<NativeMemory> chunks = new ArrayList<>();
    private long left;

    /**
     * Zeroed memory, valid until {@link #close()}.
     *
     * @throws IllegalStateException if the system has no such memory left
     */
    public Slice allocate(long bytes) {
        long size = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        if (size > left) {
            long chunk = Math.max(size, CHUNK);
            chunks.add(NativeMemory.allocate(chunk));
            left = chunk;
        }
        NativeMemory memory = chunks.get(chunks.size() - 1);
        long start = memory.usableBytes() - left;
        left -= size;
        return new Slice(memory, start);
    }

    /** A part of an arena; offsets are bytes. */
    public record Slice(NativeMemory memory, long start) {
        public long address(long offset) {
            return memory.address(start + offset);
        }

        /** Writes 4-byte values. */
        public void write(long offset, int[] values, int from, int count) {
            memory.write(start + offset, values, from, count);
        }

        /** A part of it; not to be used after the arena is closed. */
        public ByteBuffer bytes(long offset, int bytes) {
            return memory.bytes(start + offset, bytes);
        }

        public FloatBuffer floats(long offset, long bytes) {
            return memory.floats(start + offset, bytes);
        }
    }

    @Override
    public void close() {
        chunks.forEach(NativeMemory::close);
        chunks.clear();
        left = 0;
    }
}
