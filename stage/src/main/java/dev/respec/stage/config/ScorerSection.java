package dev.respec.stage.config;

import java.time.Duration;

public record ScorerSection(
        Duration groupTimeout, Duration rewardTimeout, int rewardThreads, String stateDir, Duration commitInterval) {
    public ScorerSection {
        InvalidValue.positive("group-timeout", groupTimeout.toMillis());
        InvalidValue.positive("reward-timeout", rewardTimeout.toMillis());
        InvalidValue.atLeast(1, "reward-threads", rewardThreads);
        InvalidValue.positive("commit-interval", commitInterval.toMillis());
    }
}
