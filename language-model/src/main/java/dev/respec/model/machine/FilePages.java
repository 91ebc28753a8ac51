package dev.respec.model.machine;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Pages of mapped files in the memory of this process. */
public final class FilePages {
    /** Pages are mapped in groups around the one that is read. */
    private static final long GROUP = 64 << 10;

    private static final int DONT_NEED = 4;
    private static final @Nullable Function MADVISE = madvise();

    private FilePages() {}

    /**
     * Takes a part of a read-only mapping out of this process's memory; reading it again brings it back. Only advice:
     * where the system knows no such call nothing happens.
     */
    public static void release(ByteBuffer mapped, long from, long count) {
        if (MADVISE == null || count < GROUP) {
            return;
        }
        long start = NativeFloats.address(mapped);
        // a mapping's neighbours may be other memory, whose pages must not be dropped
        long first = Math.max(start, (start + from) / GROUP * GROUP);
        long end = Math.min(start + mapped.capacity(), (start + from + count + GROUP - 1) / GROUP * GROUP);
        MADVISE.invokeInt(new Object[] {new Pointer(first), new NativeLong(end - first), DONT_NEED});
    }

    private static @Nullable Function madvise() {
        String system = System.getProperty("os.name");
        if (!system.equals("Linux")) {
            return null;
        }
        try {
            return NativeLibrary.getProcess().getFunction("madvise");
        } catch (LinkageError e) {
            return null;
        }
    }
}
