package dev.respec.model.vector;

import dev.respec.model.machine.Call;
import dev.respec.model.machine.MachineCode;
import dev.respec.model.machine.NativeArena;
import dev.respec.model.machine.ReadKernel;
import java.util.SplittableRandom;

/** Reads memory well past every cache with the threads that steps have, as steps read weights: in huge pages, ahead. */
public final class MemoryReading implements AutoCloseable {
    private static final int MEGABYTE = 1 << 20;
    private static final int MEGABYTES = 256;

    private final NativeArena arena = new NativeArena();
    private final Team team;
    private final NativeArena.Slice memory;
    private final ThreadLocal<Call> calls = ThreadLocal.withInitial(Call::new);

    /** @throws IllegalStateException if there is no {@link #available()} machine code */
    public MemoryReading(int threads) {
        if (!available()) {
            throw new IllegalStateException("memory is read in machine code, which this machine does not run");
        }
        team = Team.of(threads);
        memory = arena.allocate((long) MEGABYTES * MEGABYTE);
        // pages that are alike may be one page to the system, and in the cache
        var random = new SplittableRandom(MEGABYTES);
        for (int part = 0; part < MEGABYTES; part++) {
            int[] values = random.ints(MEGABYTE / Integer.BYTES).toArray();
            memory.write((long) part * MEGABYTE, values, 0, values.length);
        }
    }

    public static boolean available() {
        return MachineCode.available();
    }

    /** Reads all of it once; returns how many bytes that were. */
    public long read() {
        team.share(
                MEGABYTES,
                (from, to) -> ReadKernel.read(
                        calls.get(), memory.address((long) from * MEGABYTE), (long) (to - from) * MEGABYTE));
        return (long) MEGABYTES * MEGABYTE;
    }

    @Override
    public void close() {
        arena.close();
    }
}
