package dev.respec.ops.measure;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.respec.model.TargetModel;
import dev.respec.model.kernels.Torch;
import dev.respec.model.vector.MemoryReading;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What the machine can reach with the threads in use: reading memory, and the arithmetic of one large product. */
final class Roofline implements AutoCloseable {
    /** 256 MiB: well past every cache. */
    private static final int FLOATS = 64 << 20;

    private static final int READS = 5;
    private static final int ROWS = 512;
    private static final int PRODUCTS = 4;

    private final TargetModel target;
    private final int threads;
    private final @Nullable MemoryReading reading;
    private final NDManager scope;
    private double[] readings = new double[0];
    private double arithmetic;

    /** @param threads that steps use */
    Roofline(TargetModel target, int threads) {
        this.target = target;
        this.threads = threads;
        this.scope = target.manager().newSubManager();
        this.reading = MemoryReading.available() ? new MemoryReading(threads) : null;
    }

    /** One more reading of each; taken between measurements, so that all share the machine's moods. */
    void read() {
        readings = Arrays.copyOf(readings, readings.length + READS);
        if (!Torch.device().isCpu()) {
            for (int i = readings.length - READS; i < readings.length; i++) {
                long begun = System.nanoTime();
                long bytes = target.readDevice();
                readings[i] = (double) bytes / (System.nanoTime() - begun);
            }
        } else if (reading == null) {
            readInTheNativeLibrary();
        } else {
            for (int i = readings.length - READS; i < readings.length; i++) {
                long begun = System.nanoTime();
                long bytes = reading.read();
                readings[i] = (double) bytes / (System.nanoTime() - begun);
            }
        }
        long begun = System.nanoTime();
        double operations = target.multiply(ROWS, PRODUCTS);
        arithmetic = Math.max(arithmetic, operations / (System.nanoTime() - begun));
    }

    private void readInTheNativeLibrary() {
        try (NDManager own = scope.newSubManager()) {
            NDArray memory = own.ones(new Shape(FLOATS));
            Torch.useThreads(threads);
            for (int i = readings.length - READS; i < readings.length; i++) {
                long begun = System.nanoTime();
                try (NDArray sum = memory.sum()) {
                    sum.getFloat();
                }
                readings[i] = (double) FLOATS * Float.BYTES / (System.nanoTime() - begun);
            }
            if (target.usesVectors()) {
                Torch.enterHelper();
            }
        }
    }

    /** Gigabytes a second, the upper quartile of all readings: what the machine gives when it is not disturbed. */
    double readGigabytesPerSecond() {
        double[] sorted = readings.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length * 3 / 4];
    }

    /** 10^9 floating-point operations a second, the best seen. */
    double arithmeticGigaflops() {
        return arithmetic;
    }

    @Override
    public void close() {
        if (reading != null) {
            reading.close();
        }
        scope.close();
    }
}
