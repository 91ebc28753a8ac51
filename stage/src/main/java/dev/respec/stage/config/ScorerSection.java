package dev.respec.stage.config;

import java.time.Duration;

public record ScorerSection(
        Duration groupTimeout,
        Duration rewardTimeout,
        int rewardThreads,
        String rewardJars,
        Duration seenRetention,
        String stateDir,
        Duration commitInterval) {
    public ScorerSection {
        InvalidValue.positive("group-timeout", groupTimeout);
        InvalidValue.positive("reward-timeout", rewardTimeout);
        InvalidValue.atLeast(1, "reward-threads", rewardThreads);
        InvalidValue.positive("seen-retention", seenRetention);
        InvalidValue.positive("commit-interval", commitInterval);
    }
}
