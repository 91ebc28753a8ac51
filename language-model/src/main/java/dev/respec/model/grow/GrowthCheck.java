package dev.respec.model.grow;

import ai.djl.ndarray.NDManager;
import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.Features;
import dev.respec.model.decoding.Logits;
import dev.respec.model.decoding.TokenGrid;
import dev.respec.model.eagle3.Eagle3Drafter;
import dev.respec.model.eagle3.Extension;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What growth changed, measured in float32: both models continue the same random prompts greedily, and give the
 * log-probabilities of the tokens that the first one chose.
 *
 * @param tokens greedy tokens compared
 * @param sameTokens of them equal
 * @param drafts drafted tokens compared
 * @param sameDrafts of them equal
 * @param largestDifference largest difference of a log-probability, over the whole vocabulary of the first one
 */
public record GrowthCheck(int tokens, int sameTokens, int drafts, int sameDrafts, double largestDifference) {
    private static final int PROMPTS = 4;
    private static final int PROMPT_TOKENS = 12;
    private static final int RESPONSE_TOKENS = 32;
    private static final int DRAFT_LENGTH = 4;
    private static final int CAPACITY = PROMPT_TOKENS + RESPONSE_TOKENS;

    /** A policy and, possibly, its drafter. */
    public record Pair(Checkpoint policy, @Nullable Eagle3Checkpoint drafter) {}

    /** Greedy tokens [prompt][position], logits [prompt * position][vocabulary] and drafts over the tokens read. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Observation(int[][] greedy, List<float[]> logProbabilities, int[] drafts) {}

    /** Compares two pairs. */
    public static GrowthCheck between(Pair before, Pair after) {
        int vocabulary = before.policy().config().vocabularySize();
        Observation expected = observe(before, vocabulary, null);
        Observation actual = observe(after, vocabulary, expected.greedy());
        double largest = 0;
        for (int i = 0; i < expected.logProbabilities().size(); i++) {
            float[] left = expected.logProbabilities().get(i);
            float[] right = actual.logProbabilities().get(i);
            for (int token = 0; token < left.length; token++) {
                largest = Math.max(largest, Math.abs(left[token] - right[token]));
            }
        }
        int same = 0;
        for (int row = 0; row < PROMPTS; row++) {
            same += equal(expected.greedy()[row], actual.greedy()[row]) - PROMPT_TOKENS;
        }
        int drafts = expected.drafts().length;
        return new GrowthCheck(
                PROMPTS * RESPONSE_TOKENS, same, drafts, equal(expected.drafts(), actual.drafts()), largest);
    }

    private static int equal(int[] left, int[] right) {
        return (int)
                IntStream.range(0, left.length).filter(i -> left[i] == right[i]).count();
    }

    /**
     * @param vocabulary tokens of prompts and log-probabilities
     * @param read what log-probabilities and drafts are taken over; null for the greedy tokens themselves
     */
    private static Observation observe(Pair pair, int vocabulary, int @Nullable [][] read) {
        var drafter = pair.drafter();
        int[] layers = drafter == null
                ? new int[0]
                : drafter.config().featureLayers(pair.policy().config());
        try (var target = TargetModel.load(pair.policy(), PROMPTS, CAPACITY, ComputeType.FLOAT32, layers)) {
            int[][] greedy = prompts(vocabulary);
            for (int row = 0; row < PROMPTS; row++) {
                greedy[row] = continued(target, row, greedy[row]);
            }
            int[][] rows = read == null ? greedy : read;
            List<float[]> logProbabilities = new ArrayList<>();
            for (int row = 0; row < PROMPTS; row++) {
                Logits logits = step(target, row, 0, rows[row]);
                for (int i = 0; i < CAPACITY; i++) {
                    logProbabilities.add(logSoftmax(logits.row(i), vocabulary));
                }
            }
            return new Observation(
                    greedy,
                    logProbabilities,
                    drafter == null ? new int[0] : drafts(pair.policy(), drafter, target, rows));
        }
    }

    private static int[][] prompts(int vocabulary) {
        var random = new SplittableRandom(1);
        int[][] prompts = new int[PROMPTS][];
        Arrays.setAll(prompts, row -> random.ints(PROMPT_TOKENS, 0, vocabulary).toArray());
        return prompts;
    }

    private static int[] continued(TargetModel target, int slot, int[] prompt) {
        int[] tokens = Arrays.copyOf(prompt, CAPACITY);
        int seen = 0;
        for (int length = PROMPT_TOKENS; length < CAPACITY; length++) {
            Logits logits = step(target, slot, seen, Arrays.copyOfRange(tokens, seen, length));
            tokens[length] = argmax(logits.row(length - seen - 1));
            seen = length;
        }
        return tokens;
    }

    private static Logits step(TargetModel target, int slot, int start, int[] tokens) {
        var grid = new TokenGrid();
        grid.begin(start);
        grid.add(tokens, 0, tokens.length);
        return target.step(slot, grid);
    }

    /** A greedy chain behind each row; the target's cache holds the rows. */
    private static int[] drafts(Checkpoint policy, Eagle3Checkpoint checkpoint, TargetModel target, int[][] rows) {
        int seen = CAPACITY - 1;
        long[] slots = new long[PROMPTS * seen];
        long[] positions = new long[PROMPTS * seen];
        Arrays.setAll(slots, i -> i / seen);
        Arrays.setAll(positions, i -> i % seen);
        List<Extension> extensions = new ArrayList<>();
        for (int[] row : rows) {
            extensions.add(new Extension(0, Arrays.copyOfRange(row, 1, CAPACITY)));
        }
        var embeddings = checkpoint.embeddings(policy);
        try (var drafter = Eagle3Drafter.load(checkpoint, embeddings, ComputeType.FLOAT32, PROMPTS, CAPACITY);
                NDManager scope = target.manager().newSubManager()) {
            Features features = target.features(scope, slots, positions);
            drafter.extend(features, 0, extensions);
            return drafter.draftChain(0, PROMPTS, DRAFT_LENGTH, 0, new double[0])
                    .tokens();
        }
    }

    /** Of the first tokens. */
    private static float[] logSoftmax(float[] logits, int tokens) {
        double largest = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            largest = Math.max(largest, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - largest);
        }
        float[] logProbabilities = new float[tokens];
        for (int i = 0; i < tokens; i++) {
            logProbabilities[i] = (float) (logits[i] - largest - Math.log(sum));
        }
        return logProbabilities;
    }

    private static int argmax(float[] row) {
        int best = 0;
        for (int i = 1; i < row.length; i++) {
            best = row[i] > row[best] ? i : best;
        }
        return best;
    }
}
