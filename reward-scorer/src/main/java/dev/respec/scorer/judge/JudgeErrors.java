package dev.respec.scorer.judge;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Counts, attempt by attempt, what services answered instead of rewards. Thread-safe. */
public final class JudgeErrors {
    /** Why an attempt gave nothing. */
    enum Reason {
        TIMEOUT,
        CONNECTION,
        /** 429. */
        LIMITED,
        /** 5xx. */
        SERVER,
        /** Any other status. */
        REFUSED,
        /** An answer that could not be read. */
        VERDICT
    }

    private final Map<Reason, Counter> counters = new EnumMap<>(Reason.class);

    /** Registers the counters of one function. */
    public JudgeErrors(MeterRegistry registry, String function) {
        for (Reason reason : Reason.values()) {
            counters.put(
                    reason,
                    Counter.builder("respec.scorer.judge.errors")
                            .description("Attempts at a service that gave no reward")
                            .tag("part", function)
                            .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
    }

    void count(Reason reason) {
        Objects.requireNonNull(counters.get(reason)).increment();
    }
}
