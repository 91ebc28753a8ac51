package dev.respec.model.vector;

import dev.respec.model.decoding.PageTable;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs every vector loop on a little data, once per process, while the first weights load: until the loops are compiled, each
 * of their operations costs a thousand times what it costs afterwards.
 */
final class WarmUp {
    private static final long LONGEST_NANOS = 4_000_000_000L;
    private static final int REPEATS = 3000;
    private static final int INPUTS = 64;
    private static final int ROWS = 4;
    private static final AtomicBoolean BEGUN = new AtomicBoolean();

    private WarmUp() {}

    /** The first call starts it. */
    static void begin(Arithmetic arithmetic) {
        if (BEGUN.compareAndSet(false, true)) {
            var thread = new Thread(() -> run(arithmetic), "decoding-warm-up");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private static void run(Arithmetic arithmetic) {
        long begun = System.nanoTime();
        float[] x = new float[ROWS * 2 * INPUTS];
        float[] norm = new float[INPUTS];
        var rotation = new Rotation(new float[INPUTS / 2], 1, 1);
        int[] packed = new int[INPUTS / 2];
        float[] y = new float[x.length];
        var weights = new VectorLogitWeights();
        double[] weighed = new double[INPUTS];
        double[] candidates = new double[INPUTS];
        Runnable products = arithmetic.usesMachineCode() ? () -> {} : products(x, y);
        for (int i = 0; i < REPEATS && System.nanoTime() - begun < LONGEST_NANOS; i++) {
            products.run();
            Lanes.rmsNorm(x, 0, norm, 1, y, 0);
            Lanes.add(y, 0, x, 0, INPUTS);
            rotation.turn(x, 0, 2, 0, 1);
            Lanes.pack(x, 0, INPUTS, packed, 0);
            weights.weigh(x, 0, INPUTS, x[weights.largest(x, 0, INPUTS)], 1, weighed, 0);
            weights.maxima(weighed, INPUTS / 2, candidates);
            weights.sumFrom(weighed, 2);
            weights.collect(weighed, 2, 3, candidates);
            weights.cut(weighed, 0, INPUTS, 0.5);
        }
    }

    /** The loops that machine code replaces if it is used. */
    private static Runnable products(float[] x, float[] y) {
        var matrix = new Bfloat16Matrix(1, INPUTS);
        PageTable table = PageTable.whole(1, INPUTS);
        var cache = new VectorCache(table, 1, INPUTS);
        table.open(0, 0, INPUTS, cache);
        var run = new KeyValueCache.Run(0, 0, INPUTS / 2, ROWS, 0, INPUTS, 0, INPUTS, new boolean[0][]);
        return () -> {
            for (int rows = 1; rows <= ROWS; rows++) {
                matrix.multiply(x, 0, rows, y, 0, 1);
            }
            cache.attend(run, x, 0, ROWS, y);
            Lanes.gatedSilu(x, 0, INPUTS, y, 0);
        };
    }
}
