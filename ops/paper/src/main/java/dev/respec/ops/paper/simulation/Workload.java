package dev.respec.ops.paper.simulation;

import java.util.ArrayList;
import java.util.List;

/**
 * The work of a run, as it recorded it.
 *
 * @param responseTokens response lengths, ascending and equally likely
 * @param steps time and progress of a worker's step, ascending in the active batch
 * @param trainingMillisecondsPerToken of the trainer
 * @param policyBytes of one set of weights
 */
public record Workload(
        List<Integer> responseTokens, List<Step> steps, double trainingMillisecondsPerToken, long policyBytes) {
    /** A verify step at an active batch: how long it takes, and how many tokens each sequence emits. */
    public record Step(int batch, double milliseconds, double tokensPerSequence) {}

    public Workload {
        responseTokens = List.copyOf(responseTokens);
        steps = List.copyOf(steps);
        if (responseTokens.isEmpty() || steps.isEmpty()) {
            throw new IllegalArgumentException("a workload needs response lengths and step times");
        }
    }

    /** Linear between the recorded batches, constant beyond them. */
    public Step at(int batch) {
        Step below = steps.get(0);
        for (Step above : steps) {
            if (batch <= above.batch()) {
                double share = above.batch() == below.batch()
                        ? 0
                        : Math.max(0, (double) (batch - below.batch()) / (above.batch() - below.batch()));
                return new Step(
                        batch,
                        below.milliseconds() + share * (above.milliseconds() - below.milliseconds()),
                        below.tokensPerSequence() + share * (above.tokensPerSequence() - below.tokensPerSequence()));
            }
            below = above;
        }
        return new Step(batch, below.milliseconds(), below.tokensPerSequence());
    }

    public double meanTokens() {
        return responseTokens.stream().mapToInt(Integer::intValue).average().orElseThrow();
    }

    /** The same shape of lengths, the longest being this long. */
    public Workload stretchedTo(int longest) {
        double factor = longest / (double) responseTokens.get(responseTokens.size() - 1);
        List<Integer> stretched = new ArrayList<>();
        responseTokens.forEach(length -> stretched.add((int) Math.max(1, Math.round(length * factor))));
        return new Workload(stretched, steps, trainingMillisecondsPerToken, policyBytes);
    }

    public Workload withSteps(List<Step> newSteps) {
        return new Workload(responseTokens, newSteps, trainingMillisecondsPerToken, policyBytes);
    }

    public Workload withTrainingMillisecondsPerToken(double milliseconds) {
        return new Workload(responseTokens, steps, milliseconds, policyBytes);
    }
}
