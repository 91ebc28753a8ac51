package dev.respec.ops.measure;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.respec.model.TargetModel;
import java.util.Arrays;

/** What the machine can reach with the threads in use: reading memory, and the arithmetic of one large product. */
final class Roofline implements AutoCloseable {
    /** 256 MiB: well past every cache. */
    private static final int FLOATS = 64 << 20;

    private static final int READS = 5;
    private static final int ROWS = 512;
    private static final int PRODUCTS = 4;

    private final TargetModel target;
    private final NDManager scope;
    private final NDArray memory;
    private double[] readings = new double[0];
    private double arithmetic;

    Roofline(TargetModel target) {
        this.target = target;
        this.scope = target.manager().newSubManager();
        this.memory = scope.ones(new Shape(FLOATS));
    }

    /** One more reading of each; taken between measurements, so that all share the machine's moods. */
    void read() {
        readings = Arrays.copyOf(readings, readings.length + READS);
        for (int i = readings.length - READS; i < readings.length; i++) {
            long begun = System.nanoTime();
            try (NDArray sum = memory.sum()) {
                sum.getFloat();
            }
            readings[i] = (double) FLOATS * Float.BYTES / (System.nanoTime() - begun);
        }
        long begun = System.nanoTime();
        double operations = target.multiply(ROWS, PRODUCTS);
        arithmetic = Math.max(arithmetic, operations / (System.nanoTime() - begun));
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
        scope.close();
    }
}
