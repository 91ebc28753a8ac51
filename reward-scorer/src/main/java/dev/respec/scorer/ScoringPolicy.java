package dev.respec.scorer;

import java.time.Duration;

/**
 * What the topology is told.
 *
 * @param runId rollouts of other runs go to the dead letters; empty accepts every run
 * @param groupTimeout from a group's first rollout to its end as incomplete
 * @param seenRetention how long after a group's end its rollout ids are still recognised as seen
 */
public record ScoringPolicy(String runId, Duration groupTimeout, Duration seenRetention) {
    public ScoringPolicy {
        requirePositive("groupTimeout", groupTimeout);
        requirePositive("seenRetention", seenRetention);
    }

    private static void requirePositive(String name, Duration duration) {
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException("%s is %s, expected more than 0".formatted(name, duration));
        }
    }
}
