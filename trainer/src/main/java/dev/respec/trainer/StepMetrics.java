package dev.respec.trainer;

import dev.respec.schemas.FinishReason;
import dev.respec.schemas.PolicySpan;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.StepMetric;
import dev.respec.trainer.StepGroups.Collected;
import dev.respec.trainer.StepGroups.Sampling;
import dev.respec.trainer.assembly.ScoredGroup;
import dev.respec.trainer.curriculum.PromptDraws;
import dev.respec.trainer.loss.Advantages;
import dev.respec.trainer.update.UpdateOutcome;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The numbers of a training step, by the names they have in {@code training-steps}. */
final class StepMetrics {
    private final Map<String, Double> values = new TreeMap<>();

    StepMetrics put(StepMetric metric, double value) {
        values.put(metric.key(), value);
        return this;
    }

    StepMetrics put(StepMetric metric, long value) {
        return put(metric, (double) value);
    }

    double get(StepMetric metric) {
        return values.getOrDefault(metric.key(), Double.NaN);
    }

    Map<String, Double> asMap() {
        return Map.copyOf(values);
    }

    /**
     * Adds what the policy's answers say.
     *
     * @param groups those of the step and those set aside, so that rewards do not depend on what is set aside
     * @param version the trainer's version at consumption
     */
    StepMetrics rollouts(List<ScoredGroup> groups, long version) {
        var scored = groups.stream().flatMap(group -> group.rollouts().stream()).toList();
        var rewards = scored.stream().mapToDouble(ScoredRollout::getReward).toArray();
        put(StepMetric.REWARD_MEAN, mean(rewards));
        put(StepMetric.REWARD_STD, Advantages.deviation(rewards, 0, rewards.length));
        put(
                StepMetric.PASS_RATE,
                share(scored.stream().filter(one -> one.getReward() >= 1).count(), scored.size()));
        put(
                StepMetric.REWARD_ERRORS,
                scored.stream().filter(one -> one.getRewardError() != null).count());

        rewardParts(scored);
        var rollouts = scored.stream().map(ScoredRollout::getRollout).toList();
        var lengths = rollouts.stream().mapToDouble(StepMetrics::length).toArray();
        put(StepMetric.RESPONSE_LENGTH_MEAN, mean(lengths));
        put(
                StepMetric.RESPONSE_LENGTH_MAX,
                rollouts.stream().mapToInt(StepMetrics::length).max().orElse(0));
        put(
                StepMetric.TRUNCATED_SHARE,
                share(
                        rollouts.stream()
                                .filter(rollout -> rollout.getFinishReason() == FinishReason.LENGTH)
                                .count(),
                        rollouts.size()));
        put(
                StepMetric.TOKENS_CONSUMED,
                rollouts.stream().mapToLong(StepMetrics::length).sum());
        put(
                StepMetric.DRAFTER_VERSION_MAX,
                rollouts.stream().mapToLong(Rollout::getDrafterVersion).max().orElse(0));
        return staleness(rollouts, version).speculation(rollouts);
    }

    /** A rollout without a reward has no parts, and counts in none of their means. */
    private void rewardParts(List<ScoredRollout> scored) {
        scored.stream()
                .flatMap(one -> one.getRewardParts().entrySet().stream())
                .collect(Collectors.groupingBy(Map.Entry::getKey, Collectors.averagingDouble(Map.Entry::getValue)))
                .forEach((part, mean) -> values.put(StepMetric.REWARD_PART.key(part), mean));
    }

    private StepMetrics staleness(List<Rollout> rollouts, long version) {
        var spans = rollouts.stream()
                .flatMap(rollout -> rollout.getPolicySpans().stream())
                .toList();
        var tokens = spans.stream().mapToLong(PolicySpan::getTokenCount).sum();
        var versions = spans.stream()
                .mapToDouble(span -> (version - span.getPolicyVersion()) * (double) span.getTokenCount())
                .sum();
        put(StepMetric.STALENESS_MEAN, tokens == 0 ? 0 : versions / tokens);
        return put(
                StepMetric.STALENESS_MAX,
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
        put(StepMetric.ACCEPTANCE_LENGTH, verifySteps == 0 ? 1 : 1 + accepted / (double) verifySteps);
        return put(StepMetric.ACCEPTANCE_RATE, share(accepted, drafted));
    }

    /** Adds what dynamic sampling cost, if it is on. */
    StepMetrics sampling(Collected collected) {
        if (collected.sampling() == Sampling.OFF) {
            return this;
        }
        put(StepMetric.GROUPS_SET_ASIDE, collected.setAside().size());
        put(
                StepMetric.PROMPTS_PER_USED,
                share(collected.answered().size(), collected.groups().size()));
        return put(StepMetric.SAMPLING_LIMIT_REACHED, collected.sampling() == Sampling.AT_LIMIT ? 1 : 0);
    }

    /** Adds what the step's prompts were drawn by, if they were drawn by pass rates. */
    StepMetrics curriculum(PromptDraws draws) {
        if (!draws.byPassRate()) {
            return this;
        }
        return put(StepMetric.PROMPTS_SEEN, draws.seen())
                .put(StepMetric.PROMPTS_SOLVED, draws.withRate(1))
                .put(StepMetric.PROMPTS_UNSOLVED, draws.withRate(0));
    }

    /** Whether the step changed the weights. */
    boolean hasSignal() {
        return get(StepMetric.NO_SIGNAL) != 1;
    }

    /** Adds what the update did; of one that trained on nothing, no loss and nothing else is known. */
    StepMetrics update(UpdateOutcome outcome) {
        put(StepMetric.NO_SIGNAL, outcome.changedWeights() ? 0 : 1);
        put(StepMetric.OPTIMISER_STEPS, outcome.optimiserSteps());
        put(StepMetric.TOKENS_TRAINED, outcome.statistics().tokens());
        if (!outcome.changedWeights()) {
            return this;
        }
        var statistics = outcome.statistics();
        return put(StepMetric.LOSS, outcome.loss())
                .put(StepMetric.GRADIENT_NORM, outcome.gradientNorm())
                .put(StepMetric.ENTROPY, outcome.entropy())
                .put(StepMetric.KL_SAMPLER_TRAINER, statistics.samplerDivergence())
                .put(StepMetric.KL_REFERENCE, statistics.referenceDivergence())
                .put(StepMetric.CLIP_FRACTION_LOW, statistics.clipFractionLow())
                .put(StepMetric.CLIP_FRACTION_HIGH, statistics.clipFractionHigh())
                .put(StepMetric.CLIP_FRACTION, statistics.clipFractionLow() + statistics.clipFractionHigh())
                .put(StepMetric.IMPORTANCE_WEIGHT_MEAN, statistics.meanImportance())
                .put(StepMetric.ESS, statistics.effectiveSampleShare());
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
