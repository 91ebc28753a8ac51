package dev.respec.ops.console;

import java.util.Locale;

/** Done, and the time left at the recent pace. */
public final class ProgressBar {
    private static final int WIDTH = 30;

    private ProgressBar() {}

    /** Steps of a run. */
    public static String render(long done, long total, double secondsLeft) {
        return render("step", done, total, secondsLeft);
    }

    /**
     * A bar of anything countable.
     *
     * @param what one of them
     * @param secondsLeft NaN if there is no pace yet
     */
    public static String render(String what, long done, long total, double secondsLeft) {
        double share = total == 0 ? 1 : Math.min(1, (double) done / total);
        int full = (int) Math.round(share * WIDTH);
        String left = Double.isNaN(secondsLeft) ? "" : ", " + Durations.text(secondsLeft) + " left";
        return String.format(
                Locale.ROOT,
                "%s%s %3.0f %%  %s %,d of %,d%s",
                "█".repeat(full),
                "░".repeat(WIDTH - full),
                share * 100,
                what,
                done,
                total,
                left);
    }
}
