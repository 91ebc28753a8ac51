package dev.respec.ops.console;

import java.util.Locale;

/** Numbers with what they count: {@code 1 step}, {@code 1,200 steps}. */
public final class Counts {
    private Counts() {}

    /** @param one the singular of a noun whose plural ends in s */
    public static String of(long count, String one) {
        return String.format(Locale.ROOT, "%,d %s%s", count, one, count == 1 ? "" : "s");
    }
}
