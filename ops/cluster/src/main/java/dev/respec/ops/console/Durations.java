package dev.respec.ops.console;

import java.util.Locale;

/** Durations for people. */
public final class Durations {
    private Durations() {}

    /** {@code 4.2 s}, {@code 42 s}, {@code 7 min 05 s}, {@code 2 h 07 min}. */
    public static String text(double seconds) {
        if (seconds < 9.95) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        long whole = Math.round(seconds);
        if (whole < 60) {
            return whole + " s";
        }
        if (whole < 3600) {
            return String.format(Locale.ROOT, "%d min %02d s", whole / 60, whole % 60);
        }
        return String.format(Locale.ROOT, "%d h %02d min", whole / 3600, whole % 3600 / 60);
    }
}
