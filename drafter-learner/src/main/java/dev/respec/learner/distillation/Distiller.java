package dev.respec.learner.distillation;

import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.eagle3.DistillationBatch;
import dev.respec.model.eagle3.DistillationSums;
import dev.respec.model.eagle3.Eagle3Trainer;
import dev.respec.model.eagle3.LossWeights;
import dev.respec.model.eagle3.TrainingTimeTest;
import dev.respec.model.training.AdamWSettings;
import dev.respec.model.training.TeacherModel;
import dev.respec.model.training.TokenBatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The policy as teacher, a drafter being trained (the candidate), and the drafter in force, which the candidate has to
 * match. Owned by one thread.
 */
public final class Distiller implements AutoCloseable {
    private final TeacherModel teacher;
    private final Eagle3Trainer candidate;
    private final Eagle3Trainer current;

    private Distiller(TeacherModel teacher, Eagle3Trainer candidate, Eagle3Trainer current) {
        this.teacher = teacher;
        this.candidate = candidate;
        this.current = current;
    }

    /**
     * Loads the models.
     *
     * @param drafter starts as candidate and as the drafter in force; it carries its embeddings from now on
     */
    public static Distiller load(Checkpoint policy, Eagle3Checkpoint drafter, TrainingTimeTest test, int threads) {
        HostTensor embeddings = drafter.embeddings(policy);
        Eagle3Checkpoint own = drafter.withEmbeddings(embeddings);
        Eagle3Config config = drafter.config();
        return new Distiller(
                TeacherModel.load(policy, config.featureLayers(policy.config()), threads),
                Eagle3Trainer.load(own, embeddings, test, threads),
                Eagle3Trainer.load(own, embeddings, test, threads));
    }

    /** Teaches from now on with the weights of a newer policy. */
    public void adoptPolicy(Checkpoint policy) {
        if (!policy.config().equals(teacher.config())) {
            throw new CheckpointException(
                    "the new policy is another model: expected " + teacher.config() + ", got " + policy.config());
        }
        teacher.adopt(policy);
    }

    /** One optimiser step of the candidate, without replay. */
    public StepOutcome train(List<TokenSequence> batch, float[] weights, AdamWSettings settings) {
        return train(batch, weights, Replay.NONE, settings);
    }

    /**
     * One optimiser step of the candidate.
     *
     * @param weights one per sequence, on its loss; of mean 1
     * @param replay what rejected drafts add to the loss
     */
    public StepOutcome train(List<TokenSequence> batch, float[] weights, Replay replay, AdamWSettings settings) {
        int passes = candidate.test().length();
        int positions = Math.max(
                1, batch.stream().mapToInt(TokenSequence::draftedPositions).sum());
        var sums = accumulate(new Lesson(batch, weights, replay.ofBatch(batch, passes)), positions);
        // only their rejected drafts count: the sums stay those of the batch
        var drawn = replay.drawn();
        accumulate(new Lesson(drawn, new float[drawn.size()], replay.ofDrawn(passes)), positions);
        return new StepOutcome(sums, candidate.step(settings), replay.drafts(batch, passes));
    }

    private DistillationSums accumulate(Lesson lesson, int positions) {
        var sums = DistillationSums.none(candidate.test().length());
        for (var indices : cut(lesson.sequences())) {
            try (NDManager scope = teacher.manager().newSubManager()) {
                sums = sums.plus(candidate.accumulate(teach(scope, lesson, positions, indices), positions));
            }
        }
        return sums;
    }

    private List<List<Integer>> cut(List<TokenSequence> sequences) {
        return MicroBatches.cut(sequences, DistillationBatch.mostTokens(teacher.config()));
    }

    /** Candidate and drafter in force on the same sequences under the same teacher. */
    public Comparison compare(List<TokenSequence> sequences) {
        var sums = evaluate(sequences, List.of(candidate, current));
        return new Comparison(sums.get(0), sums.get(1));
    }

    /** The candidate alone. */
    public DistillationSums evaluate(List<TokenSequence> sequences) {
        return evaluate(sequences, List.of(candidate)).get(0);
    }

    private List<DistillationSums> evaluate(List<TokenSequence> sequences, List<Eagle3Trainer> students) {
        var sums = new ArrayList<DistillationSums>();
        students.forEach(
                student -> sums.add(DistillationSums.none(student.test().length())));
        var weights = new float[sequences.size()];
        Arrays.fill(weights, 1);
        var lesson = new Lesson(sequences, weights, new double[sequences.size()]);
        for (var indices : cut(sequences)) {
            try (NDManager scope = teacher.manager().newSubManager()) {
                var taught = teach(scope, lesson, 1, indices);
                for (int i = 0; i < students.size(); i++) {
                    sums.set(i, sums.get(i).plus(students.get(i).evaluate(taught)));
                }
            }
        }
        return sums;
    }

    private DistillationBatch teach(NDManager scope, Lesson lesson, int positions, List<Integer> indices) {
        var prompts = new ArrayList<int[]>();
        var responses = new ArrayList<int[]>();
        var chosen = new float[indices.size()];
        for (int row = 0; row < chosen.length; row++) {
            var sequence = lesson.sequences().get(indices.get(row));
            prompts.add(sequence.prompt());
            responses.add(sequence.response());
            chosen[row] = lesson.weights()[indices.get(row)];
        }
        var tokens = new TokenBatch(prompts, responses);
        var weights = LossWeights.ofSequences(tokens, chosen);
        if (indices.stream().anyMatch(index -> lesson.perRejectedDraft()[index] > 0)) {
            weights = withRejectedDrafts(weights, lesson, positions, indices);
        }
        return DistillationBatch.of(scope, tokens, teacher.teach(scope, DistillationBatch.sequences(tokens)), weights);
    }

    private LossWeights withRejectedDrafts(
            LossWeights ofSequences, Lesson lesson, int positions, List<Integer> indices) {
        int passes = candidate.test().length();
        var weights = ofSequences.byRow(passes);
        for (int row = 0; row < indices.size(); row++) {
            var sequence = lesson.sequences().get(indices.get(row));
            var rejected = sequence.rejected();
            float weight = (float) (positions * lesson.perRejectedDraft()[indices.get(row)]);
            for (int i : sequence.trainableRejections(passes).toArray()) {
                weights.add(row, rejected.token(i), rejected.depth(i), weight);
            }
        }
        return weights;
    }

    /**
     * Sequences and what they weigh, each array with one entry per sequence.
     *
     * @param weights of all its positions, in the sum of the losses
     * @param perRejectedDraft what each of its rejected drafts adds, in the mean over all positions
     */
    private record Lesson(List<TokenSequence> sequences, float[] weights, double[] perRejectedDraft) {}

    /** A copy of the candidate as it is now. */
    public Eagle3Checkpoint candidate() {
        return candidate.checkpoint();
    }

    /** A copy of the drafter in force. */
    public Eagle3Checkpoint current() {
        return current.checkpoint();
    }

    /** Whether the candidate's parameters differ from those in force. */
    public boolean isCandidateChanged() {
        var inForce = current.checkpoint();
        return candidate.checkpoint().tensors().entrySet().stream()
                .anyMatch(entry -> !entry.getValue().sameAs(inForce.tensor(entry.getKey())));
    }

    /** The candidate is in force from now on. */
    public void promoteCandidate() {
        current.adopt(candidate.checkpoint());
    }

    /** Candidate and drafter in force both start from these weights. */
    public void startFrom(Eagle3Checkpoint drafter) {
        current.adopt(drafter);
        candidate.adopt(drafter);
    }

    /** Training goes on from the drafter in force, with fresh moments. */
    public void resetCandidate() {
        candidate.adopt(current.checkpoint());
    }

    /** Writes the candidate's optimiser state; {@link #restore} reads it and the drafter in force. */
    public void saveCandidate(Path file) {
        candidate.save(file);
    }

    public void restore(Path candidateState, Eagle3Checkpoint inForce) {
        current.adopt(inForce);
        candidate.restore(candidateState);
    }

    /** Optimiser steps the candidate has taken. */
    public long steps() {
        return candidate.steps();
    }

    @Override
    public void close() {
        candidate.close();
        current.close();
        teacher.close();
    }

    /**
     * What a step did.
     *
     * @param sums of the batch, drawn sequences left out
     * @param gradientNorm before clipping; not finite if the step changed nothing
     * @param replayedDrafts rejected drafts that were replayed
     */
    public record StepOutcome(DistillationSums sums, double gradientNorm, long replayedDrafts) {}

    /** Sums of both drafters over the same positions. */
    public record Comparison(DistillationSums candidate, DistillationSums current) {}
}
