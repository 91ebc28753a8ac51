package dev.respec.ops.generate;

import dev.respec.generation.engine.StepStatistics;
import java.util.List;

/** What was generated; names are those of the JSON output. */
public record GenerationResult(String prompt, int promptTokens, List<Sample> samples, Statistics statistics) {
    public GenerationResult {
        samples = List.copyOf(samples);
    }

    /**
     * @param tokenIds response tokens, the stop token included
     * @param logprobs of each under the model at the sampling temperature
     * @param finishReason stop or length
     */
    public record Sample(int index, String text, List<Integer> tokenIds, List<Float> logprobs, String finishReason) {
        public Sample {
            tokenIds = List.copyOf(tokenIds);
            logprobs = List.copyOf(logprobs);
        }
    }

    /**
     * @param acceptanceLength tokens that a sequence emitted per verify step
     * @param seconds from the first step to the last
     */
    public record Statistics(
            String setting,
            long tokens,
            double seconds,
            double tokensPerSecond,
            double acceptanceLength,
            long verifySteps,
            double prefillMilliseconds,
            double draftMilliseconds,
            double verifyMilliseconds,
            double otherMilliseconds) {
        static Statistics of(
                String setting, List<StepStatistics.Counts> counts, double seconds, double prefillMilliseconds) {
            long tokens = counts.stream()
                    .mapToLong(StepStatistics.Counts::emittedTokens)
                    .sum();
            long sequenceSteps = counts.stream()
                    .mapToLong(StepStatistics.Counts::sequenceSteps)
                    .sum();
            return new Statistics(
                    setting,
                    tokens,
                    seconds,
                    tokens / Math.max(1e-9, seconds),
                    tokens / (double) Math.max(1, sequenceSteps),
                    counts.stream()
                            .mapToLong(StepStatistics.Counts::verifySteps)
                            .sum(),
                    prefillMilliseconds,
                    counts.stream()
                            .mapToDouble(StepStatistics.Counts::draftMilliseconds)
                            .sum(),
                    counts.stream()
                            .mapToDouble(StepStatistics.Counts::verifyMilliseconds)
                            .sum(),
                    counts.stream()
                            .mapToDouble(StepStatistics.Counts::otherMilliseconds)
                            .sum());
        }
    }
}
