package dev.respec.trainer.update;

import dev.respec.trainer.loss.AdvantageKind;
import dev.respec.trainer.loss.OverlongRule;

/** How groups become rows. */
public record RowRules(int groupSize, AdvantageKind advantage, OverlongRule overlong, ZeroVariance zeroVariance) {
    /** What happens to groups whose rewards are all equal: they teach nothing, but their tokens can count in divisors. */
    public enum ZeroVariance {
        DROP,
        KEEP
    }

    public RowRules {
        if (groupSize < 1) {
            throw new IllegalArgumentException("a group needs at least one rollout");
        }
    }
}
