package dev.respec.model;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What happens to memory that Java gave up: collected, freed and taken by somebody else. */
public final class CollectedHeap {
    private static final int COPIES = 64;
    private static final int LARGEST_BYTES = 1 << 20;

    private CollectedHeap() {}

    /** Collects the heap, then fills freed memory of every size with a value that no weight and no token id has. */
    public static void reuse() throws InterruptedException {
        for (int i = 0; i < 2; i++) {
            System.gc();
            Thread.sleep(10); // the buffers' memory is freed by a thread of its own
        }
        List<ByteBuffer> taken = new ArrayList<>();
        for (int bytes = 16; bytes <= LARGEST_BYTES; bytes += Math.max(16, bytes / 4)) {
            for (int copy = 0; copy < Math.min(COPIES, Math.max(2, (LARGEST_BYTES << 2) / bytes)); copy++) {
                var buffer = ByteBuffer.allocateDirect(bytes);
                while (buffer.hasRemaining()) {
                    buffer.put((byte) 0x7f);
                }
                taken.add(buffer);
            }
        }
        taken.clear();
    }
}
