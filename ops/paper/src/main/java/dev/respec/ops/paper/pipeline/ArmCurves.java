package dev.respec.ops.paper.pipeline;

import dev.respec.ops.paper.findings.Curve;
import dev.respec.ops.paper.statistics.Interval;
import dev.respec.ops.paper.statistics.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Means and spreads over the seeds of an arm. */
final class ArmCurves {
    private ArmCurves() {}

    /** One curve over the policy steps, from 1. */
    static Curve overSteps(String name, List<RunMeasurements> runs, Function<RunMeasurements, List<Double>> values) {
        int length =
                runs.stream().mapToInt(run -> values.apply(run).size()).min().orElse(0);
        List<Double> x = new ArrayList<>();
        List<Double> means = new ArrayList<>();
        List<Double> spreads = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            int at = i;
            Sample sample = Sample.of(
                    runs.stream().map(run -> values.apply(run).get(at)).toList());
            x.add(i + 1.0);
            means.add(sample.mean());
            spreads.add(sample.deviation());
        }
        return new Curve(name, Curve.Origin.OURS, x, means, runs.size() < 2 ? List.of() : spreads);
    }

    static Sample sample(List<RunMeasurements> runs, ToDoubleFunction<RunMeasurements> value) {
        return Sample.of(runs.stream().map(value::applyAsDouble).toList());
    }

    /** {@code 0.912 ± 0.004}: mean and standard deviation over seeds. */
    static String text(Sample sample, int decimals) {
        String format = "%." + decimals + "f";
        if (sample.size() == 0) {
            return "not measured";
        }
        String mean = String.format(Locale.ROOT, format, sample.mean());
        return sample.size() < 2 ? mean : mean + " ± " + String.format(Locale.ROOT, format, sample.deviation());
    }

    /** {@code +0.012 [-0.003, +0.027]}, for a cell. */
    static String text(Interval interval, int decimals) {
        if (Double.isNaN(interval.mean())) {
            return "not measured";
        }
        String format = "%+." + decimals + "f";
        String mean = String.format(Locale.ROOT, format, interval.mean());
        return interval.isKnown()
                ? mean
                        + String.format(
                                Locale.ROOT, " [" + format + ", " + format + "]", interval.low(), interval.high())
                : mean;
    }

    /** {@code +0.012 (90 % interval -0.003 to +0.027)}, for a sentence. */
    static String words(Interval interval, int decimals) {
        String format = "%+." + decimals + "f";
        return words(
                String.format(Locale.ROOT, format, interval.mean()),
                interval,
                end -> String.format(Locale.ROOT, format, end));
    }

    /** @param end text of an end of the interval */
    static String words(String mean, Interval interval, DoubleFunction<String> end) {
        return interval.isKnown()
                ? "%s (%.0f %% interval %s to %s)"
                        .formatted(
                                mean,
                                100 * PipelineExperiment.CONFIDENCE,
                                end.apply(interval.low()),
                                end.apply(interval.high()))
                : mean + " (too few runs for an interval)";
    }
}
