package dev.respec.ops.replay;

import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How fast recorded events are sent again.
 *
 * @param factor recorded seconds that pass in a second; infinite for as fast as it goes
 */
public record ReplaySpeed(double factor) {
    private static final Pattern FACTOR = Pattern.compile("(\\d+(?:\\.\\d+)?)x");

    public ReplaySpeed {
        if (!(factor > 0)) {
            throw new IllegalArgumentException("a speed is positive, not " + factor);
        }
    }

    /**
     * Reads {@code max} or a factor such as {@code 1x} and {@code 0.5x}.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static ReplaySpeed parse(String text) {
        if (text.equals("max")) {
            return new ReplaySpeed(Double.POSITIVE_INFINITY);
        }
        Matcher matcher = FACTOR.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'%s' is not a speed: write 1x, 10x, 0.5x or max".formatted(text));
        }
        return new ReplaySpeed(Double.parseDouble(matcher.group(1)));
    }

    /** Time from the first event's sending to this one's. */
    Duration dueAfter(Instant first, Instant event) {
        long recorded = Math.max(0, Duration.between(first, event).toNanos());
        return Duration.ofNanos((long) (recorded / factor));
    }
}
