package dev.respec.trainer.inflight;

import java.time.Duration;

/**
 * How long a request may be out of sight before it is asked again; doubled with each time that it was.
 *
 * @param silence without a status from the worker that holds it
 * @param engineSilence of the generating thread of a worker that still sends statuses
 * @param untaken since later requests were taken, or a worker had nothing to do; longer than a lock of the queue
 */
public record Patience(Duration silence, Duration engineSilence, Duration untaken) {
    private static final int MOST_DOUBLINGS = 5;

    /** What the promises of the documentation hold for. */
    public static final Patience STANDARD =
            new Patience(Duration.ofSeconds(3), Duration.ofSeconds(13), Duration.ofSeconds(30));

    public Patience {
        if (silence.isNegative() || engineSilence.compareTo(silence) < 0 || untaken.compareTo(silence) < 0) {
            throw new IllegalArgumentException("patience must be positive, and that with a silent worker the shortest");
        }
    }

    static long nanos(Duration patience, int repeats) {
        return patience.toNanos() << Math.min(repeats, MOST_DOUBLINGS);
    }
}
