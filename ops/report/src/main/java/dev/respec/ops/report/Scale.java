package dev.respec.ops.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A linear map from data to pixels, over a domain that ends on round numbers. */
record Scale(double low, double high, double fromPixel, double toPixel, double tickStep) {
    /** Labels of smaller steps are too long for the margin as decimals. */
    private static final double SMALLEST_DECIMAL = 0.9e-4;

    /** Widens [low, high] to round numbers with about {@code ticks} steps between them. */
    static Scale nice(double low, double high, int ticks, double fromPixel, double toPixel) {
        double from = low;
        double to = high;
        if (!(to > from)) {
            double pad = from == 0 ? 1 : Math.abs(from) * 0.1;
            from -= pad;
            to += pad;
        }
        double step = roundStep((to - from) / ticks);
        return new Scale(Math.floor(from / step) * step, Math.ceil(to / step) * step, fromPixel, toPixel, step);
    }

    /** Keeps [low, high] as it is; only the ticks are round. */
    static Scale exact(double low, double high, int ticks, double fromPixel, double toPixel) {
        double to = high > low ? high : low + 1;
        return new Scale(low, to, fromPixel, toPixel, roundStep((to - low) / ticks));
    }

    /** 1, 2 or 5 times a power of ten, not below {@code raw}. */
    private static double roundStep(double raw) {
        double power = Math.pow(10, Math.floor(Math.log10(raw)));
        for (double factor : new double[] {1, 2, 5}) {
            if (factor * power >= raw * 0.999) {
                return factor * power;
            }
        }
        return 10 * power;
    }

    double pixel(double value) {
        return fromPixel + (value - low) / (high - low) * (toPixel - fromPixel);
    }

    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        double first = Math.ceil(low / tickStep - 1e-9);
        for (long i = (long) first; i * tickStep <= high + tickStep * 1e-6; i++) {
            ticks.add(i * tickStep);
        }
        return ticks;
    }

    /** {@code 5e-5}, with a decimal if the step between two ticks needs one. */
    private String exponent(double tick) {
        int power = (int) Math.floor(Math.log10(Math.abs(tick)) + 1e-9);
        double factor = tick / Math.pow(10, power);
        return String.format(
                Locale.ROOT, Math.abs(factor - Math.rint(factor)) < 1e-6 ? "%.0fe%d" : "%.1fe%d", factor, power);
    }

    /** As few digits as tell two ticks apart. */
    String label(double tick) {
        if (tickStep >= 1) {
            return String.format(Locale.ROOT, "%,.0f", tick == 0 ? 0.0 : tick);
        }
        if (tickStep < SMALLEST_DECIMAL) {
            return tick == 0 ? "0" : exponent(tick);
        }
        int digits = (int) Math.min(6, Math.ceil(-Math.log10(tickStep) - 1e-9));
        return String.format(Locale.ROOT, "%." + digits + "f", tick == 0 ? 0.0 : tick);
    }
}
