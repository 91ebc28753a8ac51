package dev.respec.trainer.update;

import dev.respec.model.training.AdamWSettings;
import dev.respec.model.training.BatchOutcome;
import dev.respec.model.training.MicroBatchPass;
import dev.respec.trainer.data.Mixing;
import dev.respec.trainer.loss.LossStatistics;
import dev.respec.trainer.loss.PolicyLoss;
import dev.respec.trainer.loss.TokenRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Turns rows with advantages into weight updates.
 *
 * <p>The loss's divisors are computed over all rows of an optimiser step before its first micro-batch, so the result does
 * not depend on how rows are packed. With a single update a step the proximal policy is the current one, and no further
 * forward pass is needed for it. Owned by the trainer's thread.
 */
public final class PolicyUpdate {
    private final PolicyModel policy;
    private final @Nullable ResponseScores reference;
    private final UpdateSettings settings;
    private final PolicyLoss loss;

    /**
     * An update of a policy.
     *
     * @param reference policy that divergence is measured from; may be null if the loss needs none
     */
    public PolicyUpdate(PolicyModel policy, @Nullable ResponseScores reference, UpdateSettings settings) {
        if (settings.loss().needsReference() && reference == null) {
            throw new IllegalArgumentException("a loss with a divergence needs a reference policy");
        }
        this.policy = policy;
        this.reference = reference;
        this.settings = settings;
        this.loss = new PolicyLoss(settings.loss());
    }

    /**
     * Trains on the rows of one step.
     *
     * @param step decides, with the seed, which rows make a minibatch
     * @throws TrainingDivergedException if a gradient is not finite
     */
    public UpdateOutcome update(List<TrainingRow> rows, AdamWSettings optimiser, long step) {
        return new Pass(rows, optimiser, step).run();
    }

    /** Log-probabilities of the rows' response tokens under the policy as it is, [row][token]. */
    public double[][] logProbabilities(List<TrainingRow> rows) {
        return logProbabilities(policy, rows);
    }

    /** The state of one call of {@link #update}. */
    private final class Pass {
        private final List<TrainingRow> rows;
        private final AdamWSettings optimiser;
        private final long step;
        private final LossStatistics statistics = new LossStatistics();
        private double entropySum;
        private double normSum;
        private int optimiserSteps;
        private int microBatches;
        private long tokens;
        private long computedTokens;
        private long forwardNanos;
        private long optimiserNanos;

        Pass(List<TrainingRow> rows, AdamWSettings optimiser, long step) {
            this.rows = rows;
            this.optimiser = optimiser;
            this.step = step;
        }

        UpdateOutcome run() {
            var needsProximal = settings.severalUpdates();
            var proximal = needsProximal ? timed(policy) : null;
            var anchored = settings.loss().needsReference() && reference != null ? timed(reference) : null;
            for (int epoch = 0; epoch < settings.epochs(); epoch++) {
                for (var minibatch : minibatches(epoch)) {
                    optimise(minibatch, proximal, anchored);
                }
            }
            var updates = Math.max(optimiserSteps, 1);
            return new UpdateOutcome(
                    statistics,
                    statistics.loss() / updates,
                    normSum / updates,
                    statistics.tokens() == 0 ? 0 : entropySum / statistics.tokens(),
                    optimiserSteps,
                    microBatches,
                    tokens,
                    computedTokens,
                    Duration.ofNanos(forwardNanos),
                    Duration.ofNanos(optimiserNanos));
        }

        private void optimise(List<Integer> minibatch, double @Nullable [][] proximal, double @Nullable [][] anchored) {
            var counted =
                    minibatch.stream().filter(row -> rows.get(row).counted()).toList();
            if (counted.isEmpty()) {
                return;
            }
            var weights = weights(minibatch);
            var start = System.nanoTime();
            var batches = MicroBatch.pack(rows, counted, settings.microBatchTokens(), policy.mostDenseTokens());
            var sums = batches.stream().map(batch -> new LossStatistics()).toList();
            var passes = new ArrayList<MicroBatchPass>();
            for (int i = 0; i < batches.size(); i++) {
                var batch = batches.get(i);
                var sum = sums.get(i);
                tokens += batch.tokens().tokens().tokenCount();
                computedTokens += batch.computedTokens();
                passes.add(new MicroBatchPass(
                        batch.tokens(),
                        (firstRow, current, out) ->
                                differentiate(batch, firstRow, current, out, weights, proximal, anchored, sum)));
            }
            policy.forwardBackward(passes).forEach(outcome -> entropySum += BatchOutcome.sum(outcome.entropies()));
            sums.forEach(statistics::add);
            microBatches += batches.size();
            var middle = System.nanoTime();
            var norm = policy.step(optimiser);
            if (!Double.isFinite(norm)) {
                throw new TrainingDivergedException(
                        "step %d: the gradient norm is %s, the loss %s: the policy is unchanged; lower trainer.learning-rate or resume from an earlier checkpoint"
                                .formatted(step, norm, statistics.loss()));
            }
            normSum += norm;
            optimiserSteps++;
            forwardNanos += middle - start;
            optimiserNanos += System.nanoTime() - middle;
        }

        private void differentiate(
                MicroBatch batch,
                int firstRow,
                float[][] current,
                float[][] out,
                double[] weights,
                double @Nullable [][] proximal,
                double @Nullable [][] anchored,
                LossStatistics sum) {
            for (int i = 0; i < current.length; i++) {
                int row = batch.rows().get(firstRow + i);
                var training = rows.get(row);
                var tokens = TokenRow.of(doubles(current[i]), training.behaviour());
                if (proximal != null) {
                    tokens = tokens.withProximal(proximal[row]);
                }
                if (anchored != null) {
                    tokens = tokens.withReference(anchored[row]);
                }
                var gradient = new double[tokens.length()];
                loss.apply(tokens, training.advantage(), weights[row], gradient, sum);
                for (int token = 0; token < gradient.length; token++) {
                    out[i][token] = (float) gradient[token];
                }
            }
        }

        /** Factor of each row, by its position in all rows. */
        private double[] weights(List<Integer> minibatch) {
            var counts = minibatch.stream()
                    .mapToInt(row -> rows.get(row).countedTokens())
                    .toArray();
            var weights = settings.reduction().rowWeights(counts, settings.longestResponse());
            var byRow = new double[rows.size()];
            for (int i = 0; i < weights.length; i++) {
                byRow[minibatch.get(i)] = weights[i];
            }
            return byRow;
        }

        private List<List<Integer>> minibatches(int epoch) {
            var order = new ArrayList<>(IntStream.range(0, rows.size()).boxed().toList());
            if (settings.minibatches() == 1) {
                return List.of(order);
            }
            Collections.shuffle(order, new Random(Mixing.mix(Mixing.mix(settings.seed(), step), epoch)));
            var parts = new ArrayList<List<Integer>>();
            for (int part = 0; part < settings.minibatches(); part++) {
                var from = (int) ((long) order.size() * part / settings.minibatches());
                var to = (int) ((long) order.size() * (part + 1) / settings.minibatches());
                parts.add(order.subList(from, to));
            }
            return parts;
        }

        private double[][] timed(ResponseScores model) {
            var start = System.nanoTime();
            var result = logProbabilities(model, rows);
            forwardNanos += System.nanoTime() - start;
            return result;
        }
    }

    private double[][] logProbabilities(ResponseScores model, List<TrainingRow> rows) {
        var batches = MicroBatch.packAll(rows, settings.microBatchTokens(), model.mostDenseTokens());
        var values =
                model.logProbabilities(batches.stream().map(MicroBatch::tokens).toList());
        var result = new double[rows.size()][];
        for (int batch = 0; batch < batches.size(); batch++) {
            var batchRows = batches.get(batch).rows();
            for (int i = 0; i < batchRows.size(); i++) {
                result[batchRows.get(i)] = doubles(values.get(batch)[i]);
            }
        }
        return result;
    }

    private static double[] doubles(float[] values) {
        var result = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = values[i];
        }
        return result;
    }
}
