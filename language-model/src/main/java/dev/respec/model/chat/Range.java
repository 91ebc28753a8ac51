package dev.respec.model.chat;

import java.util.AbstractList;
import org.jspecify.annotations.Nullable;

/** Python's range, at most {@value #LONGEST} numbers as in Jinja's sandbox. */
final class Range extends AbstractList<@Nullable Object> {
    private static final int LONGEST = 100_000;

    private final long from;
    private final long to;
    private final long step;
    private final int size;

    Range(long from, long to, long step) {
        if (step == 0) {
            throw new TemplateFault("range: the step must not be 0");
        }
        double count = Math.max(0, Math.ceil(((double) to - from) / step));
        if (count > LONGEST) {
            throw new TemplateFault("range(%d, %d, %d) has more than %d numbers".formatted(from, to, step, LONGEST));
        }
        this.from = from;
        this.to = to;
        this.step = step;
        this.size = (int) count;
    }

    @Override
    public @Nullable Object get(int index) {
        return from + index * step;
    }

    @Override
    public int size() {
        return size;
    }

    /** The numbers at these places. */
    Range slice(int begin, int end, int stride) {
        return new Range(from + begin * step, from + end * step, step * stride);
    }

    String text() {
        return step == 1 ? "range(%d, %d)".formatted(from, to) : "range(%d, %d, %d)".formatted(from, to, step);
    }
}
