package dev.respec.ops.paper.experiment;

import java.time.Duration;
import java.util.function.LongSupplier;

/** The time an experiment has left. */
public final class TimeLimit {
    private final LongSupplier nanoClock;
    private final long endNanos;

    /** @param nanoClock a monotonic clock */
    public TimeLimit(LongSupplier nanoClock, Duration length) {
        this.nanoClock = nanoClock;
        this.endNanos = nanoClock.getAsLong() + length.toNanos();
    }

    public double secondsLeft() {
        return (endNanos - nanoClock.getAsLong()) / 1e9;
    }

    /** Whether something that takes so long would end in time. */
    public boolean allows(double seconds) {
        return secondsLeft() >= seconds;
    }
}
