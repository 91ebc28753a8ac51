package dev.respec.model.machine;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** Zeroed memory outside the Java heap, in huge pages where the system has them; Linux. */
public final class NativeMemory implements AutoCloseable {
    private static final long PAGE = 4096;
    private static final long HUGE_PAGE = 2 << 20;
    private static final int READ_WRITE = 3;
    private static final int READ_EXECUTE = 5;
    private static final int PRIVATE_ANONYMOUS = 0x22;
    private static final int ADVISE_HUGE_PAGES = 14;
    private static final long FAILED = -1;

    private static final NativeLibrary LIBRARY = NativeLibrary.getProcess();
    private static final Function MMAP = LIBRARY.getFunction("mmap");
    private static final Function MUNMAP = LIBRARY.getFunction("munmap");
    private static final Function MPROTECT = LIBRARY.getFunction("mprotect");
    private static final Function MADVISE = LIBRARY.getFunction("madvise");

    private final long mapped;
    private final long size;
    private final long start;
    private final long usable;
    private boolean closed;

    private NativeMemory(long mapped, long size, long start, long usable) {
        this.mapped = mapped;
        this.size = size;
        this.start = start;
        this.usable = usable;
    }

    /** @throws IllegalStateException if the system has no such memory left */
    public static NativeMemory allocate(long bytes) {
        boolean huge = bytes >= HUGE_PAGE;
        long page = huge ? HUGE_PAGE : PAGE;
        // a huge page more than needed, so that a whole number of them fits
        long size = (bytes + page - 1) / page * page + (huge ? HUGE_PAGE : 0);
        long mapped = MMAP.invokeLong(
                new Object[] {Pointer.NULL, new NativeLong(size), READ_WRITE, PRIVATE_ANONYMOUS, -1, new NativeLong(0)
                });
        if (mapped == FAILED) {
            throw new IllegalStateException(
                    "the system refuses " + size
                            + " bytes of memory for a model's weights, cache or activations; use a smaller model, fewer slots or smaller micro-batches, or allow the process more memory");
        }
        long start = (mapped + page - 1) / page * page;
        if (huge) {
            // advice only: small pages do as well, a tenth slower
            MADVISE.invokeInt(new Object[] {new Pointer(start), new NativeLong(size - HUGE_PAGE), ADVISE_HUGE_PAGES});
        }
        return new NativeMemory(mapped, size, start, bytes);
    }

    /** What was asked for. */
    public long usableBytes() {
        return usable;
    }

    /**
     * Address of a byte.
     *
     * @throws IllegalStateException after {@link #close()}
     */
    public long address(long offset) {
        if (closed) {
            throw new IllegalStateException("this memory has been given back: the model that it belonged to is closed");
        }
        return start + offset;
    }

    Pointer at(long offset) {
        return new Pointer(address(offset));
    }

    /** Writes 4-byte values from an offset in bytes on. */
    public void write(long offset, int[] values, int from, int count) {
        at(offset).write(0, values, from, count);
    }

    /** A part of it; not to be used after {@link #close()}. */
    public ByteBuffer bytes(long offset, long bytes) {
        return at(0).getByteBuffer(offset, bytes).order(ByteOrder.nativeOrder());
    }

    /** A part of it, in bytes, as floats; not to be used after {@link #close()}. */
    public FloatBuffer floats(long offset, long bytes) {
        return bytes(offset, bytes).asFloatBuffer();
    }

    /** From now on it can be called and no longer written. */
    void makeExecutable() {
        if (MPROTECT.invokeInt(new Object[] {new Pointer(mapped), new NativeLong(size), READ_EXECUTE}) != 0) {
            close();
            throw new IllegalStateException("the system does not let this process run code that it has written");
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            MUNMAP.invokeInt(new Object[] {new Pointer(mapped), new NativeLong(size)});
        }
    }
}
