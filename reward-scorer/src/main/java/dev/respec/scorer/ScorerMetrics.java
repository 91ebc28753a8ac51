package dev.respec.scorer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the scorer has done since it started. After a crash what was not committed is processed, and counted, again;
 * exact counts are in the topics.
 */
public final class ScorerMetrics {
    final Counter scored;
    final Counter duplicates;
    final Counter late;
    final Counter refused;
    final Counter unscored;
    final Counter rewardErrors;
    final Counter completeGroups;
    final Counter incompleteGroups;
    final AtomicInteger waiting = new AtomicInteger();

    /** Registers them. */
    public ScorerMetrics(MeterRegistry registry) {
        scored = rollouts(registry, "scored");
        duplicates = rollouts(registry, "duplicate");
        late = rollouts(registry, "late");
        refused = rollouts(registry, "refused");
        unscored = rollouts(registry, "unscored");
        rewardErrors = Counter.builder("respec.scorer.reward.errors")
                .description("Rollouts whose reward function gave no reward")
                .register(registry);
        completeGroups = groups(registry, "complete");
        incompleteGroups = groups(registry, "incomplete");
        Gauge.builder("respec.scorer.rewards.waiting", waiting, AtomicInteger::get)
                .description("Rollouts whose reward a process or a service has yet to give")
                .register(registry);
    }

    private static Counter rollouts(MeterRegistry registry, String result) {
        return Counter.builder("respec.scorer.rollouts")
                .description("Rollouts read, by what became of them")
                .tag("result", result)
                .register(registry);
    }

    private static Counter groups(MeterRegistry registry, String status) {
        return Counter.builder("respec.scorer.groups")
                .description("Groups ended")
                .tag("status", status)
                .register(registry);
    }
}
