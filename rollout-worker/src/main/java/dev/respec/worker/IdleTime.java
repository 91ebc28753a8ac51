package dev.respec.worker;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The time in which a worker had nothing to generate although a request lay in the queue. Only the request that ends the
 * idle time is known, so that others which waited earlier do not count. Owned by the engine's thread.
 */
final class IdleTime {
    private @Nullable Instant since;
    private Duration unreported = Duration.ZERO;

    /** The worker has nothing to generate. */
    void idle(Instant now) {
        if (since == null) {
            since = now;
        }
    }

    /**
     * The worker has taken a request. Returns for how long it was idle while that request waited.
     *
     * @param queuedAt when the request reached the queue, by the broker's clock
     */
    Duration taken(Instant queuedAt, Instant now) {
        if (since == null) {
            return Duration.ZERO;
        }
        Duration waited = Duration.between(queuedAt.isAfter(since) ? queuedAt : since, now);
        since = null;
        Duration counted = waited.isNegative() ? Duration.ZERO : waited;
        unreported = unreported.plus(counted);
        return counted;
    }

    /** What came together since the last call. */
    Duration drain() {
        Duration drained = unreported;
        unreported = Duration.ZERO;
        return drained;
    }
}
