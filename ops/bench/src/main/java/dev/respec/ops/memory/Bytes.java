package dev.respec.ops.memory;

import java.util.Locale;

/** Sizes of memory as text: read from settings, shown in gigabytes of 2^30 bytes. */
final class Bytes {
    static final long MEBI = 1L << 20;

    private Bytes() {}

    /** @param size such as 512m or 2g, which the configuration has checked */
    static long of(String size) {
        long number = Long.parseLong(size.substring(0, size.length() - 1));
        return switch (size.charAt(size.length() - 1)) {
            case 'k' -> number << 10;
            case 'm' -> number << 20;
            default -> number << 30;
        };
    }

    /** As a Java option takes it. */
    static String option(long bytes) {
        return (bytes + MEBI - 1) / MEBI + "m";
    }

    static String text(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
    }
}
