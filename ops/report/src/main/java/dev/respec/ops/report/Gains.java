package dev.respec.ops.report;

import java.util.Locale;
import java.util.stream.DoubleStream;

/** Adaptive speculation over plain decoding, by batch. Where the setting is "off" the two are the same thing. */
final class Gains {
    private static final String OFF = "off";

    private Gains() {}

    /** Whether speculation was on at the batch, and both sides were measured. */
    static boolean isCompared(RunSummary.Throughput throughput, int batch) {
        return !OFF.equals(throughput.settingByBatch().get(batch))
                && throughput.plainTokensPerSecondByBatch().containsKey(batch)
                && throughput.adaptiveTokensPerSecondByBatch().containsKey(batch);
    }

    /** NaN if nothing was compared. */
    static double at(RunSummary.Throughput throughput, int batch) {
        return isCompared(throughput, batch) ? throughput.gain(batch) : Double.NaN;
    }

    /** {@code ×0.75 to ×1.75}: the smallest and the largest, for no one of them speaks for the run. */
    static String text(RunSummary.Throughput throughput) {
        double[] gains = throughput.settingByBatch().keySet().stream()
                .mapToDouble(batch -> at(throughput, batch))
                .filter(gain -> !Double.isNaN(gain))
                .toArray();
        if (gains.length == 0) {
            return OFF;
        }
        String least = text(DoubleStream.of(gains).min().orElseThrow());
        String most = text(DoubleStream.of(gains).max().orElseThrow());
        return least.equals(most) ? most : least + " to " + most;
    }

    static String text(double gain) {
        return Double.isNaN(gain) ? "" : String.format(Locale.ROOT, "×%.2f", gain);
    }
}
