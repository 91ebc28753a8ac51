package dev.respec.model.sampling;

import static dev.respec.model.sampling.SamplingGolden.PLAIN;
import static dev.respec.model.sampling.SamplingGolden.VOCABULARY;
import static dev.respec.model.sampling.SamplingGolden.logits;
import static dev.respec.model.sampling.SamplingGolden.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.respec.model.sampling.SamplingGolden.Frequencies;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ChainVerifierTest {
    private static final int RUNS = 100_000;

    private final ChainVerifier verifier = new ChainVerifier(VOCABULARY);
    private final RandomStream random = new SplittableRandomStream(SamplingGolden.seed(), 0);

    static Stream<JsonNode> chains() {
        return SamplingGolden.cases("spec-sampling/chain_fixed.json");
    }

    static Stream<JsonNode> oneHotChains() {
        return chains().filter(example -> example.get("id").asText().startsWith("one-hot"));
    }

    static Stream<JsonNode> markovChains() {
        return SamplingGolden.cases("spec-sampling/chain_markov.json");
    }

    static Stream<JsonNode> sampledRows() {
        return SamplingGolden.cases("spec-sampling/chain_rows.json");
    }

    @ParameterizedTest
    @MethodSource("chains")
    void shouldEmitEveryOutcomeWithItsProbability(JsonNode example) {
        assertOutcomes(example, SamplingGolden.distributions(rows(example.get("draft_probs"))));
    }

    @ParameterizedTest
    @MethodSource("oneHotChains")
    void shouldEmitTheSameOutcomesForDraftThatWasNotSampled(JsonNode example) {
        assertOutcomes(example, null);
    }

    private void assertOutcomes(JsonNode example, @Nullable DraftDistributions q) {
        var logits = logits(rows(example.get("target_probs")));
        var draft = SamplingGolden.tokens(example.get("draft_tokens"));
        var frequencies = new Frequencies();
        for (int run = 0; run < RUNS; run++) {
            frequencies.add(verifier.verify(logits, 0, draft, draft.length, q, PLAIN, random));
        }
        var expected = SamplingGolden.outcomes(example.get("outcomes"));
        assertThat(frequencies.totalVariation(expected))
                .as("seed %d", SamplingGolden.seed())
                .isLessThan(frequencies.bound(expected));
    }

    @ParameterizedTest
    @MethodSource("sampledRows")
    void shouldAcceptAsManySampledDraftsAsExpected(JsonNode example) {
        var targets = rows(example.get("target_probs"));
        var drafts = rows(example.get("draft_probs"));
        var logits = logits(targets);
        var q = SamplingGolden.distributions(drafts);
        var accepted = new double[drafts.length + 1];
        var first = new double[VOCABULARY];
        for (int run = 0; run < RUNS; run++) {
            var draft = Arrays.stream(drafts)
                    .mapToInt(row -> SamplingGolden.sample(row, random))
                    .toArray();
            var verdict = verifier.verify(logits, 0, draft, draft.length, q, PLAIN, random);
            accepted[verdict.acceptedDraftTokens()] += 1.0 / RUNS;
            first[verdict.token(0)] += 1.0 / RUNS;
        }
        assertThat(accepted).containsExactly(SamplingGolden.row(example.get("accepted_count_prob")), within(0.01));
        assertThat(first).containsExactly(SamplingGolden.row(example.get("first_token_prob")), within(0.01));
    }

    @ParameterizedTest
    @MethodSource("markovChains")
    void shouldNotChangeTheTargetsJointDistribution(JsonNode example) {
        var model = MarkovPair.of(example);
        boolean sampled = example.get("draft").asText().startsWith("sampled");
        int gamma = example.get("gamma").intValue();
        var frequencies = new Frequencies();
        for (int run = 0; run < RUNS; run++) {
            var tokens = new ArrayList<Integer>();
            while (tokens.size() < 3) {
                int last = tokens.isEmpty() ? MarkovPair.START : tokens.get(tokens.size() - 1);
                var verdict = verifyRound(model, last, gamma, sampled);
                for (int i = 0; i < verdict.count(); i++) {
                    tokens.add(verdict.token(i));
                }
            }
            frequencies.add(List.copyOf(tokens.subList(0, 3)));
        }
        var expected = SamplingGolden.joint(example.get("first3_joint"));
        assertThat(frequencies.totalVariation(expected))
                .as("seed %d", SamplingGolden.seed())
                .isLessThan(frequencies.bound(expected));
    }

    @ParameterizedTest
    @MethodSource("markovChains")
    void shouldEmitRoundsOfExpectedLength(JsonNode example) {
        var model = MarkovPair.of(example);
        boolean sampled = example.get("draft").asText().startsWith("sampled");
        int gamma = example.get("gamma").intValue();
        var lengths = new double[gamma + 1];
        for (int run = 0; run < RUNS; run++) {
            lengths[verifyRound(model, MarkovPair.START, gamma, sampled).acceptedDraftTokens()] += 1.0 / RUNS;
        }
        assertThat(lengths).containsExactly(SamplingGolden.row(example.get("emitted_length_prob")), within(0.01));
    }

    private Verdict verifyRound(MarkovPair model, int last, int gamma, boolean sampled) {
        var draft = new int[gamma];
        var targetRows = new double[gamma + 1][];
        var draftRows = new double[gamma][];
        int token = last;
        for (int position = 0; position < gamma; position++) {
            targetRows[position] = model.target(token);
            draftRows[position] = model.draft(token);
            token = sampled
                    ? SamplingGolden.sample(draftRows[position], random)
                    : SamplingGolden.argmax(draftRows[position]);
            draft[position] = token;
        }
        targetRows[gamma] = model.target(token);
        var q = sampled ? SamplingGolden.distributions(draftRows) : null;
        return verifier.verify(logits(targetRows), 0, draft, gamma, q, PLAIN, random);
    }

    @Test
    void shouldEmitWhatPlainDecodingDrawsWhateverARuleDrafts() {
        var model = MarkovPair.of(SamplingGolden.oneCase("spec-sampling/chain_markov.json", "markov-one-hot"));
        var plain = generate(model, 0);

        assertThat(generate(model, 3)).isEqualTo(plain);
        assertThat(generate(model, 7)).isEqualTo(plain);
    }

    private static List<Integer> generate(MarkovPair model, int gamma) {
        var verifier = new ChainVerifier(VOCABULARY);
        var random = new SplittableRandomStream(3, 1);
        var tokens = new ArrayList<Integer>();
        while (tokens.size() < 200) {
            int token = tokens.isEmpty() ? MarkovPair.START : tokens.get(tokens.size() - 1);
            var draft = new int[gamma];
            var rows = new double[gamma + 1][];
            for (int position = 0; position < gamma; position++) {
                rows[position] = model.target(token);
                token = SamplingGolden.argmax(model.draft(token));
                draft[position] = token;
            }
            rows[gamma] = model.target(token);
            for (int emitted : verifier.verify(logits(rows), 0, draft, gamma, null, PLAIN, random)
                    .tokens()) {
                tokens.add(emitted);
            }
        }
        return tokens.subList(0, 200);
    }

    @Test
    void shouldAcceptGreedilyOnlyTheMostLikelyTokens() {
        var logits = logits(
                new double[] {.1, .2, .3, .4, 0, 0, 0, 0},
                new double[] {.7, .1, .1, .1, 0, 0, 0, 0},
                new double[] {0, 0, 0, 0, 0, 0, .6, .4});
        RandomStream none = () -> {
            throw new AssertionError("greedy decoding draws no random number");
        };

        assertThat(verifier.verify(logits, 0, new int[] {3, 0}, 2, null, SamplingOptions.greedy(), none)
                        .tokens())
                .containsExactly(3, 0, 6);
        var rejected = verifier.verify(logits, 0, new int[] {3, 1}, 2, null, SamplingOptions.greedy(), none);
        assertThat(rejected.tokens()).containsExactly(3, 0);
        assertThat(rejected.acceptedDraftTokens()).isEqualTo(1);
    }

    @Test
    void shouldRecordLogProbabilitiesOfTargetAtTemperature() {
        var logits = new float[] {1f, 2f, 3f, 0f, 0f, 0f, 0f, 0f};
        double normaliser = 0;
        for (float logit : logits) {
            normaliser += Math.exp(logit / 0.5);
        }

        var verdict = verifier.verify(logits, 0, new int[0], 0, null, new SamplingOptions(0.5, 0.5, 1), () -> 0.3);

        assertThat(verdict.token(0)).isEqualTo(2);
        assertThat(verdict.logProbability(0)).isCloseTo((float) (6 - Math.log(normaliser)), within(1e-6f));
    }

    @Test
    void shouldVerifyDraftsFromReducedVocabulary() {
        // Given a drafter that knows target tokens 6, 1, 3 only
        double[] p = {.1, .2, .1, .1, .1, .1, .2, .1};
        float[] q = {.5f, .2f, .3f};
        var vocabulary = DraftVocabulary.of(new int[] {6, 1, 3}, VOCABULARY);
        var logits = logits(p, p);
        var frequencies = new double[VOCABULARY];
        // When
        for (int run = 0; run < RUNS; run++) {
            int id = SamplingGolden.sample(new double[] {q[0], q[1], q[2]}, random);
            var verdict = verifier.verify(
                    logits,
                    0,
                    new int[] {vocabulary.toTarget(id)},
                    1,
                    new DraftDistributions(q, vocabulary),
                    PLAIN,
                    random);
            frequencies[verdict.token(0)] += 1.0 / RUNS;
        }
        // Then
        assertThat(frequencies).containsExactly(p, within(0.01));
    }

    @Test
    void shouldRefuseDraftThatItsDistributionCannotHaveProduced() {
        var logits = logits(new double[] {.5, .5, 0, 0, 0, 0, 0, 0}, new double[] {.5, .5, 0, 0, 0, 0, 0, 0});
        var q = SamplingGolden.distributions(new double[] {1, 0, 0, 0, 0, 0, 0, 0});

        assertThatThrownBy(() -> verifier.verify(logits, 0, new int[] {1}, 1, q, PLAIN, random))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("drafted token 1 has probability 0.0 in row 0");
    }

    @Test
    void shouldReadRowsFromOffset() {
        var logits = new float[5 + 2 * VOCABULARY];
        Arrays.fill(logits, Float.NaN);
        System.arraycopy(
                logits(new double[] {0, 0, 1, 0, 0, 0, 0, 0}, new double[] {0, 0, 0, 0, 0, 1, 0, 0}),
                0,
                logits,
                5,
                2 * VOCABULARY);

        var verdict = verifier.verify(logits, 5, new int[] {2}, 1, null, PLAIN, random);

        assertThat(verdict.tokens()).containsExactly(2, 5);
        assertThat(verdict.logProbabilities()).containsExactly(0f, 0f);
    }
}
