package dev.respec.trainer.pretraining;

import dev.respec.model.training.BatchOutcome;
import dev.respec.model.training.MicroBatchPass;
import dev.respec.model.training.SampledBatch;
import dev.respec.model.training.TokenBatch;
import dev.respec.trainer.data.Mixing;
import dev.respec.trainer.update.PolicyModel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * Supervised training of a policy: cross-entropy on response tokens, one batch of examples of similar length a step.
 *
 * <p>Deterministic in the settings' seed. Owned by the thread that owns the model.
 */
public final class PolicyPretraining {
    private final PolicyModel policy;
    private final ExampleStream training;
    private final ExampleStream heldOut;
    private final PretrainingSettings settings;
    private final Deque<List<WorkedExample>> batches = new ArrayDeque<>();
    private long position;

    /**
     * A pretraining run.
     *
     * @param heldOut examples the policy never trains on; those of full progress are measured
     */
    public PolicyPretraining(
            PolicyModel policy, ExampleStream training, ExampleStream heldOut, PretrainingSettings settings) {
        this.policy = policy;
        this.training = training;
        this.heldOut = heldOut;
        this.settings = settings;
    }

    /** Runs all steps; the callback sees each of them. */
    public void run(Consumer<PretrainingProgress> onStep) {
        var start = System.nanoTime();
        var tokens = 0L;
        for (int step = 1; step <= settings.steps(); step++) {
            var batch = nextBatch((step - 1) / (double) settings.steps());
            var rate = settings.learningRate().at(step);
            var loss = train(batch);
            var norm = policy.step(settings.optimiser().withLearningRate(rate));
            if (!Double.isFinite(norm)) {
                throw new IllegalStateException("step %d: the gradient norm is %s, the loss %s: lower the learning rate"
                        .formatted(step, norm, loss));
            }
            tokens += responseTokens(batch);
            onStep.accept(new PretrainingProgress(
                    step,
                    settings.steps(),
                    loss,
                    measured(step),
                    rate,
                    norm,
                    tokens,
                    Duration.ofNanos(System.nanoTime() - start)));
        }
    }

    /** Mean negative log-probability a response token of the held-out examples, in nats. */
    public double heldOutLoss() {
        var examples = LongStream.range(0, settings.heldOutExamples())
                .mapToObj(index -> heldOut.at(index, 1))
                .sorted(Comparator.comparing(WorkedExample::length))
                .toList();
        var batches = cut(examples, settings.microBatchTokens()).stream()
                .map(PolicyPretraining::tokens)
                .toList();
        var sum = 0.0;
        for (var logProbabilities : policy.logProbabilities(batches)) {
            sum -= BatchOutcome.sum(logProbabilities);
        }
        return sum / responseTokens(examples);
    }

    private OptionalDouble measured(int step) {
        var due = step == settings.steps() || (settings.heldOutEvery() > 0 && step % settings.heldOutEvery() == 0);
        return due ? OptionalDouble.of(heldOutLoss()) : OptionalDouble.empty();
    }

    /** Accumulates the gradient of the mean loss of a batch; returns that loss. */
    private double train(List<WorkedExample> batch) {
        var share = -1f / responseTokens(batch);
        var passes = cut(batch, settings.microBatchTokens()).stream()
                .map(micro -> new MicroBatchPass(tokens(micro), (firstRow, logProbabilities, out) -> {
                    for (int row = 0; row < logProbabilities.length; row++) {
                        Arrays.fill(out[row], 0, logProbabilities[row].length, share);
                    }
                }))
                .toList();
        var sum = 0.0;
        for (var outcome : policy.forwardBackward(passes)) {
            sum -= BatchOutcome.sum(outcome.logProbabilities());
        }
        return sum / responseTokens(batch);
    }

    private List<WorkedExample> nextBatch(double progress) {
        if (batches.isEmpty()) {
            var pool = LongStream.range(position, position + settings.poolExamples())
                    .mapToObj(index -> training.at(index, progress))
                    .sorted(Comparator.comparing(WorkedExample::length))
                    .toList();
            var shuffled = new ArrayList<>(cut(pool, settings.batchTokens()));
            Collections.shuffle(shuffled, new Random(Mixing.mix(settings.seed(), position)));
            batches.addAll(shuffled);
            position += settings.poolExamples();
        }
        return batches.remove();
    }

    /** Cuts examples, ascending in length, so that rows × longest row stays within the budget. */
    private static List<List<WorkedExample>> cut(List<WorkedExample> examples, int tokenBudget) {
        var batches = new ArrayList<List<WorkedExample>>();
        var current = new ArrayList<WorkedExample>();
        for (var example : examples) {
            if (!current.isEmpty() && (current.size() + 1L) * example.length() > tokenBudget) {
                batches.add(List.copyOf(current));
                current.clear();
            }
            current.add(example);
        }
        if (!current.isEmpty()) {
            batches.add(List.copyOf(current));
        }
        return batches;
    }

    private static SampledBatch tokens(List<WorkedExample> examples) {
        var tokens = new TokenBatch(
                examples.stream().map(WorkedExample::promptTokens).toList(),
                examples.stream().map(WorkedExample::responseTokens).toList());
        return new SampledBatch(tokens, 1);
    }

    private static long responseTokens(List<WorkedExample> examples) {
        return examples.stream()
                .mapToLong(example -> example.responseTokens().length)
                .sum();
    }
}
