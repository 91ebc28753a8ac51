package dev.respec.ops.replay;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whole numbers from first to last, both included.
 *
 * @param last {@link Long#MAX_VALUE} if it is open
 */
public record NumberSpan(long first, long last) {
    private static final Pattern TEXT = Pattern.compile("(\\d+)|(\\d+)?\\.\\.(\\d+)?");

    public NumberSpan {
        if (first < 0 || last < first) {
            throw new IllegalArgumentException("%d..%d: the end is before the start".formatted(first, last));
        }
    }

    /**
     * Reads {@code 3}, {@code 3..7}, {@code 3..} or {@code ..7}.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static NumberSpan parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches() || text.strip().equals("..")) {
            throw new IllegalArgumentException("'%s' is not a range: write 3, 3..7, 3.. or ..7".formatted(text));
        }
        try {
            if (matcher.group(1) != null) {
                long only = Long.parseLong(matcher.group(1));
                return new NumberSpan(only, only);
            }
            return new NumberSpan(
                    matcher.group(2) == null ? 0 : Long.parseLong(matcher.group(2)),
                    matcher.group(3) == null ? Long.MAX_VALUE : Long.parseLong(matcher.group(3)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'%s' is not a range: a number is too large".formatted(text), e);
        }
    }

    public boolean holds(long number) {
        return first <= number && number <= last;
    }

    /** Whether the two have a number in common. */
    public boolean meets(NumberSpan other) {
        return first <= other.last && other.first <= last;
    }
}
