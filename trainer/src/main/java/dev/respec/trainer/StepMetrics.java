package dev.respec.trainer;

import dev.respec.schemas.FinishReason;
import dev.respec.schemas.PolicySpan;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.ScoredRollout;
import dev.respec.trainer.assembly.ScoredGroup;
import dev.respec.trainer.loss.Advantages;
import dev.respec.trainer.update.UpdateOutcome;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The numbers of a training step, by the names they have in {@code training-steps}. */
final class StepMetrics {
    /** 1 where no group of the step could teach anything. */
    private static final String NO_SIGNAL = "no_signal";

    private final Map<String, Double> values = new TreeMap<>();

    StepMetrics put(String name, double value) {
        values.put(name, value);
        return this;
    }

    StepMetrics put(String name, long value) {
        return put(name, (double) value);
    }

    double get(String name) {
        return values.getOrDefault(name, Double.NaN);
    }

    Map<String, Double> asMap() {
        return Map.copyOf(values);
    }

    /**
     * Adds what the consumed rollouts say.
     *
     * @param version the trainer's version at consumption
     */
    StepMetrics rollouts(List<ScoredGroup> groups, long version) {
        var scored = groups.stream().flatMap(group -> group.rollouts().stream()).toList();
        var rewards = scored.stream().mapToDouble(ScoredRollout::getReward).toArray();
        put("reward_mean", mean(rewards));
        put("reward_std", Advantages.deviation(rewards, 0, rewards.length));
        put(
                "pass_rate",
                share(scored.stream().filter(one -> one.getReward() >= 1).count(), scored.size()));
        put(
                "reward_errors",
                scored.stream().filter(one -> one.getRewardError() != null).count());

        var rollouts = scored.stream().map(ScoredRollout::getRollout).toList();
        var lengths = rollouts.stream().mapToDouble(StepMetrics::length).toArray();
        put("response_length_mean", mean(lengths));
        put(
                "response_length_max",
                rollouts.stream().mapToInt(StepMetrics::length).max().orElse(0));
        put(
                "truncated_share",
                share(
                        rollouts.stream()
                                .filter(rollout -> rollout.getFinishReason() == FinishReason.LENGTH)
                                .count(),
                        rollouts.size()));
        put("tokens_consumed", rollouts.stream().mapToLong(StepMetrics::length).sum());
        put(
                "drafter_version_max",
                rollouts.stream().mapToLong(Rollout::getDrafterVersion).max().orElse(0));
        return staleness(rollouts, version).speculation(rollouts);
    }

    private StepMetrics staleness(List<Rollout> rollouts, long version) {
        var spans = rollouts.stream()
                .flatMap(rollout -> rollout.getPolicySpans().stream())
                .toList();
        var tokens = spans.stream().mapToLong(PolicySpan::getTokenCount).sum();
        var versions = spans.stream()
                .mapToDouble(span -> (version - span.getPolicyVersion()) * (double) span.getTokenCount())
                .sum();
        put("staleness_mean", tokens == 0 ? 0 : versions / tokens);
        return put(
                "staleness_max",
                spans.stream()
                        .mapToLong(span -> version - span.getPolicyVersion())
                        .max()
                        .orElse(0));
    }

    private StepMetrics speculation(List<Rollout> rollouts) {
        var verifySteps = rollouts.stream()
                .mapToLong(rollout -> rollout.getSpeculation().getVerifySteps())
                .sum();
        var drafted = rollouts.stream()
                .mapToLong(rollout -> rollout.getSpeculation().getDraftedTokens())
                .sum();
        var accepted = rollouts.stream()
                .mapToLong(rollout -> rollout.getSpeculation().getAcceptedDraftTokens())
                .sum();
        put("acceptance_length", verifySteps == 0 ? 1 : 1 + accepted / (double) verifySteps);
        return put("acceptance_rate", share(accepted, drafted));
    }

    /** Whether the step changed the weights. */
    boolean hasSignal() {
        return get(NO_SIGNAL) != 1;
    }

    /** Adds what the update did; of one that trained on nothing, no loss and nothing else is known. */
    StepMetrics update(UpdateOutcome outcome) {
        put(NO_SIGNAL, outcome.changedWeights() ? 0 : 1);
        put("optimiser_steps", outcome.optimiserSteps());
        put("tokens_trained", outcome.statistics().tokens());
        if (!outcome.changedWeights()) {
            return this;
        }
        var statistics = outcome.statistics();
        return put("loss", outcome.loss())
                .put("gradient_norm", outcome.gradientNorm())
                .put("entropy", outcome.entropy())
                .put("kl_sampler_trainer", statistics.samplerDivergence())
                .put("kl_reference", statistics.referenceDivergence())
                .put("clip_fraction_low", statistics.clipFractionLow())
                .put("clip_fraction_high", statistics.clipFractionHigh())
                .put("clip_fraction", statistics.clipFractionLow() + statistics.clipFractionHigh())
                .put("importance_weight_mean", statistics.meanImportance())
                .put("ess", statistics.effectiveSampleShare());
    }

    private static int length(Rollout rollout) {
        return rollout.getResponseTokens().remaining() / Integer.BYTES;
    }

    private static double mean(double[] values) {
        var sum = 0.0;
        for (var value : values) {
            sum += value;
        }
        return values.length == 0 ? 0 : sum / values.length;
    }

    private static double share(long part, long whole) {
        return whole == 0 ? 0 : part / (double) whole;
    }
}
