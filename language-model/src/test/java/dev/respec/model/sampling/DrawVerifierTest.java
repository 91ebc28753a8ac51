package dev.respec.model.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the verifiers that read logits: the same tokens, and the random stream as far on. */
class DrawVerifierTest {
    private static final int VOCABULARY = 5;
    private static final int TRIALS = 400;

    private final Random random = new Random(31);
    private final DrawVerifier verifier = new DrawVerifier();

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.8})
    void shouldJudgeChainsAsFromLogits(double temperature) {
        var options = SamplingOptions.atTemperature(temperature);
        var reference = new ChainVerifier(VOCABULARY);
        var expectedRandom = new SplittableRandomStream(9, 1);
        var foreseen = new ForeseenRandom(new SplittableRandomStream(9, 1));
        for (int trial = 0; trial < TRIALS; trial++) {
            int length = random.nextInt(5);
            float[] logits = logits(length + 1);
            int[] draft = random.ints(length, 0, VOCABULARY).toArray();
            int[] depths = new int[length + 1];
            for (int i = 0; i <= length; i++) {
                depths[i] = i;
            }
            SampledRows rows = drawn(logits, depths, options, foreseen);

            Verdict expected = reference.verify(logits, 0, draft, length, null, options, expectedRandom);
            Verdict actual = verifier.chain(rows, 0, draft, length, options, foreseen);

            assertSame(actual, expected);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.8})
    void shouldJudgeTreesAsFromLogits(double temperature) {
        var options = SamplingOptions.atTemperature(temperature);
        var reference = new TreeVerifier(VOCABULARY);
        var expectedRandom = new SplittableRandomStream(9, 2);
        var foreseen = new ForeseenRandom(new SplittableRandomStream(9, 2));
        for (int trial = 0; trial < TRIALS; trial++) {
            int nodes = 1 + random.nextInt(9);
            float[] logits = logits(nodes);
            int[] tokens = random.ints(nodes, 0, VOCABULARY).toArray();
            int[] parents = new int[nodes];
            int[] depths = new int[nodes];
            for (int node = 1; node < nodes; node++) {
                parents[node] = random.nextInt(node);
                depths[node] = depths[parents[node]] + 1;
            }
            SampledRows rows = drawn(logits, depths, options, foreseen);

            Verdict expected = reference.verify(logits, 0, tokens, parents, nodes, options, expectedRandom);
            Verdict actual = verifier.tree(rows, 0, tokens, parents, nodes, options, foreseen);

            assertSame(actual, expected);
        }
    }

    private float[] logits(int rows) {
        float[] logits = new float[rows * VOCABULARY];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) random.nextGaussian() * 2;
        }
        return logits;
    }

    /** What a target draws from rows at these depths. */
    private static SampledRows drawn(float[] logits, int[] depths, SamplingOptions options, ForeseenRandom foreseen) {
        var distribution = new TokenDistribution(VOCABULARY);
        int[] tokens = new int[depths.length];
        float[] logProbabilities = new float[depths.length];
        for (int row = 0; row < depths.length; row++) {
            distribution.load(logits, row * VOCABULARY, options);
            tokens[row] =
                    options.isGreedy() ? distribution.argmax() : distribution.sample(foreseen.foreseen(depths[row]));
            logProbabilities[row] = distribution.logProbability(tokens[row]);
        }
        return new SampledRows(tokens, logProbabilities);
    }

    private static void assertSame(Verdict actual, Verdict expected) {
        assertThat(actual.tokens()).isEqualTo(expected.tokens());
        assertThat(actual.logProbabilities()).isEqualTo(expected.logProbabilities());
        for (int i = 0; i < expected.acceptedDraftTokens(); i++) {
            assertThat(actual.node(i)).isEqualTo(expected.node(i));
        }
    }
}
