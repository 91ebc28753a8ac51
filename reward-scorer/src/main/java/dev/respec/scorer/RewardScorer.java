package dev.respec.scorer;

import dev.respec.schemas.GroupStatistics;
import dev.respec.schemas.GroupStatus;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.TrustedEvents;
import dev.respec.scorer.reward.RewardFunctions;
import dev.respec.scorer.reward.ScoringInput;
import dev.respec.scorer.reward.SlowReward;
import dev.respec.stage.config.RewardSection.Failure;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * Gives a rollout its reward. A function of the rollout as far as its reward functions are. Every rollout gets an
 * outcome: a reward; 0 with the reason if a function throws or does not exist; or none if it cannot be obtained.
 *
 * <p>Thread-safe.
 */
public final class RewardScorer implements AutoCloseable {
    private static final String PIPELINE_FIELDS = "respec.";

    static {
        TrustedEvents.trust(); // builders fill in defaults
    }

    private final RewardRecipe recipe;
    private final GuardedRewards guard;
    private final RewardTimes times;
    private final SlowCalls slowCalls;
    private final Failure failure;
    private final Clock clock;

    /** The task's own function alone. */
    public RewardScorer(RewardFunctions functions, GuardedRewards guard, Clock clock) {
        this(
                new RewardRecipe(functions, Map.of()),
                guard,
                new RewardTimes(new SimpleMeterRegistry(), Duration.ofDays(1), clock),
                Failure.DEAD_LETTER,
                clock);
    }

    public RewardScorer(RewardRecipe recipe, GuardedRewards guard, RewardTimes times, Failure failure, Clock clock) {
        this.recipe = recipe;
        this.guard = guard;
        this.times = times;
        this.slowCalls = new SlowCalls(times);
        this.failure = failure;
        this.clock = clock;
    }

    /** The rollout with its reward; group statistics and advantage are still those of a group of none. */
    public ScoredRollout score(Rollout rollout) {
        return scored(rollout, outcome(rollout.getTask(), input(rollout)));
    }

    /** Waits for slow functions as well. */
    public RewardOutcome outcome(String task, ScoringInput input) {
        return begin(task, input).join();
    }

    /** Completes with an outcome, never with an exception; at once unless a function {@link #isSlow}. */
    CompletableFuture<RewardOutcome> begin(Rollout rollout) {
        return begin(rollout.getTask(), input(rollout));
    }

    private CompletableFuture<RewardOutcome> begin(String task, ScoringInput input) {
        var found = recipe.of(task);
        if (found.isEmpty()) {
            return CompletableFuture.completedFuture(RewardOutcome.failed(unknown(task)));
        }
        List<RewardRecipe.Part> parts = found.get();
        var calls = parts.stream().map(part -> begin(part, input)).toList();
        return CompletableFuture.allOf(calls.toArray(CompletableFuture<?>[]::new))
                .thenApply(all -> settled(recipe.sum(
                        parts, calls.stream().map(CompletableFuture::join).toList())));
    }

    private CompletableFuture<RewardOutcome> begin(RewardRecipe.Part part, ScoringInput input) {
        if (part.function() instanceof SlowReward slow) {
            return slowCalls.begin(part.name(), slow, input);
        }
        long start = System.nanoTime();
        RewardOutcome outcome = guard.score(part.function(), input);
        times.record(part.name(), System.nanoTime() - start);
        return CompletableFuture.completedFuture(outcome);
    }

    private RewardOutcome settled(RewardOutcome outcome) {
        return outcome.unavailable() && failure == Failure.ZERO
                ? RewardOutcome.failed(String.valueOf(outcome.error()))
                : outcome;
    }

    /** The rollout whose reward is to come. */
    ScoredRollout unscored(Rollout rollout) {
        return scored(rollout, RewardOutcome.unavailable("no reward yet"));
    }

    ScoredRollout scored(Rollout rollout, RewardOutcome outcome) {
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

    boolean knows(String task) {
        return recipe.knows(task);
    }

    /** Whether the task's reward waits for a process or a service. */
    boolean isSlow(String task) {
        return recipe.isSlow(task);
    }

    private String unknown(String name) {
        return "no reward function '%s'; there are %s; %s, or correct the task"
                .formatted(name, recipe.names(), ConfiguredRewards.remedy(name));
    }

    private static ScoringInput input(Rollout rollout) {
        return new ScoringInput(
                rollout.getPrompt(),
                rollout.getResponse(),
                rollout.getAnswer(),
                rollout.getFinishReason(),
                ofItsLine(rollout.getMetadata()));
    }

    /** Without what the trainer writes beside it, which is new for every request and no part of the data. */
    private static Map<String, String> ofItsLine(Map<String, String> metadata) {
        return metadata.entrySet().stream()
                .filter(entry -> !entry.getKey().startsWith(PIPELINE_FIELDS))
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** Ends the calls of slow functions. */
    @Override
    public void close() {
        slowCalls.close();
    }
}
