package dev.respec.scorer;

import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.RewardFunction;
import dev.respec.scorer.reward.ScoringInput;
import dev.respec.scorer.reward.SlowReward;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/** Reward functions made of a lambda. */
final class Functions {
    private Functions() {}

    static RewardFunction named(String name, Function<ScoringInput, Reward> score) {
        return new RewardFunction() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Reward score(ScoringInput input) {
                return score.apply(input);
            }
        };
    }

    /** One that the scorer calls beside the stream, four times at once. */
    static SlowReward slow(String name, Function<ScoringInput, Reward> score) {
        return new SlowReward() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public int parallelCalls() {
                return 4;
            }

            @Override
            public Reward score(ScoringInput input) {
                return score.apply(input);
            }

            @Override
            public void close() {}
        };
    }

    /** Waits and ignores interrupts, as bad code does. */
    static void hangUntil(CountDownLatch release) {
        while (release.getCount() > 0) {
            Thread.interrupted();
            LockSupport.parkNanos(1_000_000);
        }
    }
}
