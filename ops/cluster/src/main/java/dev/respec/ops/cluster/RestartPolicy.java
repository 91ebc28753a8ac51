package dev.respec.ops.cluster;

import java.time.Duration;

/**
 * How often a dead process is started again, and how long each start waits.
 *
 * @param most consecutive restarts before giving up
 * @param backOff wait before the first restart; doubles with each one
 * @param stable a process that lived this long starts counting again
 */
public record RestartPolicy(int most, Duration backOff, Duration stable) {
    public RestartPolicy {
        if (most < 0 || backOff.isNegative() || stable.isNegative()) {
            throw new IllegalArgumentException("restarts and durations are not negative");
        }
    }

    /** Wait before restart number {@code restart}, counted from 0; at most thirty seconds. */
    public Duration waitBefore(int restart) {
        Duration wait = backOff.multipliedBy(1L << Math.min(restart, 20));
        Duration most = Duration.ofSeconds(30);
        return wait.compareTo(most) < 0 ? wait : most;
    }
}
