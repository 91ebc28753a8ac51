package dev.respec.scorer;

import dev.respec.schemas.GroupStatistics;
import dev.respec.schemas.GroupStatus;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.TrustedEvents;
import dev.respec.scorer.reward.RewardFunctions;
import dev.respec.scorer.reward.ScoringInput;
import java.time.Clock;

/**
 * Gives a rollout its reward. A function of the rollout as far as its reward function is one: no state, no I/O. Every
 * rollout gets a reward; where the function fails or does not exist, it is 0 with the reason beside it.
 *
 * <p>Thread-safe.
 */
public final class RewardScorer {
    static {
        TrustedEvents.trust(); // builders fill in defaults
    }

    private final RewardFunctions functions;
    private final GuardedRewards guard;
    private final Clock clock;

    public RewardScorer(RewardFunctions functions, GuardedRewards guard, Clock clock) {
        this.functions = functions;
        this.guard = guard;
        this.clock = clock;
    }

    /** The rollout with its reward; group statistics and advantage are still those of a group of none. */
    public ScoredRollout score(Rollout rollout) {
        RewardOutcome outcome = functions
                .named(rollout.getTask())
                .map(function -> guard.score(function, input(rollout)))
                .orElseGet(() -> RewardOutcome.failed(unknown(rollout.getTask())));
        return ScoredRollout.newBuilder()
                .setRunId(rollout.getRunId())
                .setRequestId(rollout.getRequestId())
                .setRollout(rollout)
                .setReward(outcome.reward().value())
                .setRewardParts(outcome.reward().parts())
                .setRewardFunction(rollout.getTask())
                .setRewardError(outcome.error())
                .setGroup(new GroupStatistics(GroupStatus.INCOMPLETE, rollout.getGroupSize(), 0, 0.0, 0.0))
                .setAdvantage(0)
                .setScoredAt(clock.instant())
                .build();
    }

    boolean knows(String function) {
        return functions.named(function).isPresent();
    }

    private String unknown(String name) {
        return "no reward function '%s'; there are %s; put its jar into scorer.reward-jars or correct the task"
                .formatted(name, functions.names());
    }

    private static ScoringInput input(Rollout rollout) {
        return new ScoringInput(
                rollout.getPrompt(),
                rollout.getResponse(),
                rollout.getAnswer(),
                rollout.getFinishReason(),
                rollout.getMetadata());
    }
}
