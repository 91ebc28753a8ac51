package dev.respec.ops.local;

import java.util.ArrayDeque;
import java.util.Deque;

/** Seconds that recent steps have taken. */
final class Pace {
    private static final int MEMORY = 12;

    private record Mark(long step, double seconds) {}

    private final Deque<Mark> marks = new ArrayDeque<>();

    void step(long step, double seconds) {
        marks.addLast(new Mark(step, seconds));
        if (marks.size() > MEMORY) {
            marks.removeFirst();
        }
    }

    /** NaN before two steps are known. */
    double secondsFor(long steps) {
        Mark first = marks.peekFirst();
        Mark last = marks.peekLast();
        if (first == null || last == null || last.step() == first.step()) {
            return Double.NaN;
        }
        return steps * (last.seconds() - first.seconds()) / (last.step() - first.step());
    }
}
