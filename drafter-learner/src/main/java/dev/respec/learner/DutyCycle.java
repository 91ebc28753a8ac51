package dev.respec.learner;

import java.time.Duration;

/**
 * When the learner may compute: rounds start at least an interval apart and take no more than a share of the time, so
 * that generation and policy training keep the machine. Times are readings of a monotonic clock.
 */
final class DutyCycle {
    private final long intervalNanos;
    private final double share;
    private long nextStart = Long.MIN_VALUE;

    DutyCycle(Duration interval, double share) {
        this.intervalNanos = interval.toNanos();
        this.share = share;
    }

    boolean mayStart(long now) {
        return nextStart == Long.MIN_VALUE || now - nextStart >= 0;
    }

    /** Time a round may take; it ends with the batch that exceeds it. */
    Duration budget() {
        return Duration.ofNanos((long) (intervalNanos * share));
    }

    void finished(long start, long end) {
        nextStart = start + Math.max(intervalNanos, (long) ((end - start) / share));
    }
}
