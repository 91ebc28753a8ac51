package dev.respec.scorer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import io.micrometer.core.instrument.distribution.ValueAtPercentile;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long the parts of rewards take, as percentiles, and a warning that names the slowest. Thread-safe.
 */
public final class RewardTimes {
    static final long LEAST_CALLS = 20;
    static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(1);

    private static final Logger log = LoggerFactory.getLogger(RewardTimes.class);
    private static final double[] PERCENTILES = {0.5, 0.95, 0.99};

    private final MeterRegistry registry;
    private final Duration slow;
    private final Clock clock;
    private final Map<String, Timer> timers = new ConcurrentHashMap<>();
    private Instant nextWarning = Instant.MIN;

    /** @param slow 95th percentile above which a part is named */
    public RewardTimes(MeterRegistry registry, Duration slow, Clock clock) {
        this.registry = registry;
        this.slow = slow;
        this.clock = clock;
    }

    /** One part's recent times. */
    record Slowest(String part, long calls, double p50Seconds, double p95Seconds, double p99Seconds) {}

    /** Counts one call of a part. */
    public void record(String part, long nanoseconds) {
        timers.computeIfAbsent(part, this::timer).record(nanoseconds, TimeUnit.NANOSECONDS);
        warnIfSlow();
    }

    private Timer timer(String part) {
        return timer(registry, part);
    }

    /** The timer of a part. */
    static Timer timer(MeterRegistry registry, String part) {
        return Timer.builder("respec.scorer.reward.seconds")
                .description("Time of one part of a reward")
                .tag("part", part)
                .publishPercentiles(PERCENTILES)
                .register(registry);
    }

    /** The part with the largest 95th percentile among those called often enough to say so. */
    Optional<Slowest> slowest() {
        return timers.entrySet().stream()
                .filter(entry -> entry.getValue().count() >= LEAST_CALLS)
                .map(entry -> percentiles(entry.getKey(), entry.getValue().takeSnapshot()))
                .max(Comparator.comparingDouble(Slowest::p95Seconds));
    }

    private static Slowest percentiles(String part, HistogramSnapshot snapshot) {
        double[] seconds = new double[PERCENTILES.length];
        ValueAtPercentile[] values = snapshot.percentileValues();
        for (int i = 0; i < Math.min(values.length, seconds.length); i++) {
            seconds[i] = values[i].value(TimeUnit.SECONDS);
        }
        return new Slowest(part, snapshot.count(), seconds[0], seconds[1], seconds[2]);
    }

    private void warnIfSlow() {
        synchronized (this) {
            Instant now = clock.instant();
            if (now.isBefore(nextWarning)) {
                return;
            }
            nextWarning = now.plus(BETWEEN_WARNINGS);
        }
        slowest()
                .filter(part -> part.p95Seconds() * 1e3 > slow.toMillis())
                .ifPresent(part -> log.atWarn()
                        .addKeyValue("part", part.part())
                        .addKeyValue("calls", part.calls())
                        .addKeyValue("p50Seconds", part.p50Seconds())
                        .addKeyValue("p95Seconds", part.p95Seconds())
                        .addKeyValue("p99Seconds", part.p99Seconds())
                        .addKeyValue("slowMillis", slow.toMillis())
                        .log(
                                "The slowest part of the rewards is slower than reward.slow: raise what it runs in parallel, or"
                                        + " bound its work"));
    }
}
