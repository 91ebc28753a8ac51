package dev.respec.learner.pretraining;

import dev.respec.learner.distillation.Distiller;
import dev.respec.learner.distillation.TokenSequence;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.eagle3.DistillationSums;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Distils a policy into a first EAGLE-3 drafter, from sequences that look like what it will write; best are its own.
 *
 * <p>Deterministic in the sequences and the initial drafter. Used by one thread.
 */
public final class DrafterPretraining {
    private final Checkpoint policy;
    private final Eagle3Checkpoint initial;
    private final Iterator<TokenSequence> sequences;
    private final List<TokenSequence> heldOut;
    private final DrafterPretrainingSettings settings;

    /**
     * A pretraining run.
     *
     * @param initial for example {@link #freshDrafter}
     * @param sequences to train on; may be endless, pretraining ends early if they do
     * @param heldOut sequences to measure on
     */
    public DrafterPretraining(
            Checkpoint policy,
            Eagle3Checkpoint initial,
            Iterator<TokenSequence> sequences,
            List<TokenSequence> heldOut,
            DrafterPretrainingSettings settings) {
        this.policy = policy;
        this.initial = initial;
        this.sequences = new ReplayedSequences(
                sequences, settings.poolSequences(), settings.repeats(), settings.mostTokens(), 1);
        this.heldOut = List.copyOf(heldOut);
        this.settings = settings;
    }

    /**
     * A drafter with random weights that carries the policy's embeddings.
     *
     * @param targetIds draft vocabulary, ascending; see {@link DraftVocabularies}
     */
    public static Eagle3Checkpoint freshDrafter(Checkpoint policy, Eagle3Config config, int[] targetIds, long seed) {
        var embeddings = Objects.requireNonNull(policy.tensors().get("model.embed_tokens.weight"));
        return Eagle3Checkpoint.random(config, targetIds, embeddings, seed);
    }

    /** Runs all steps; the callback sees each of them. */
    public Eagle3Checkpoint run(Consumer<DrafterPretrainingProgress> onStep) {
        long start = System.nanoTime();
        try (var distiller = Distiller.load(policy, initial, settings.test(), settings.threads())) {
            long tokens = 0;
            for (int step = 1; step <= settings.steps() && sequences.hasNext(); step++) {
                var batch = nextBatch();
                double rate = settings.learningRate(step);
                var outcome = distiller.train(
                        batch, ones(batch.size()), settings.optimiser().withLearningRate(rate));
                if (!Double.isFinite(outcome.gradientNorm())) {
                    throw new IllegalStateException("step %d: the gradient norm is %s: lower the learning rate"
                            .formatted(step, outcome.gradientNorm()));
                }
                tokens += batch.stream().mapToInt(TokenSequence::length).sum();
                onStep.accept(new DrafterPretrainingProgress(
                        step,
                        settings.steps(),
                        outcome.sums().loss(settings.test().decay()),
                        measured(step, distiller),
                        rate,
                        outcome.gradientNorm(),
                        tokens,
                        Duration.ofNanos(System.nanoTime() - start)));
            }
            return distiller.candidate();
        }
    }

    private Optional<DistillationSums> measured(int step, Distiller distiller) {
        boolean due = step == settings.steps()
                || !sequences.hasNext()
                || (settings.heldOutEvery() > 0 && step % settings.heldOutEvery() == 0);
        return due && !heldOut.isEmpty() ? Optional.of(distiller.evaluate(heldOut)) : Optional.empty();
    }

    private List<TokenSequence> nextBatch() {
        var batch = new ArrayList<TokenSequence>();
        int tokens = 0;
        while (tokens < settings.batchTokens() && sequences.hasNext()) {
            var sequence = sequences.next();
            batch.add(sequence);
            tokens += sequence.length();
        }
        return batch;
    }

    private static float[] ones(int count) {
        float[] ones = new float[count];
        Arrays.fill(ones, 1);
        return ones;
    }
}
