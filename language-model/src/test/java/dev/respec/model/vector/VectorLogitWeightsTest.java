package dev.respec.model.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.respec.model.sampling.LogitWeights;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.TokenDistribution;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against Math.exp. */
class VectorLogitWeightsTest {
    private final Random random = new Random(5);

    @BeforeEach
    void needVectors() {
        assumeTrue(VectorDecoder.available());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 1023, 5000})
    void shouldExponentiateAsMathDoes(int count) {
        LogitWeights weights = new VectorLogitWeights();
        float[] logits = new float[count + 3];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = random.nextFloat(-80, 20);
        }
        int largest = weights.largest(logits, 3, count);
        double max = logits[3 + largest];
        double scale = 1 / 0.7;
        double[] out = new double[count + 2];
        double sum = weights.weigh(logits, 3, count, max, scale, out, 2);
        double expectedSum = 0;
        for (int i = 0; i < count; i++) {
            assertThat(logits[3 + i]).isLessThanOrEqualTo((float) max);
            double x = (logits[3 + i] - max) * scale;
            double expected = x <= -45 ? 0 : Math.exp(x);
            // what plain loops subtract, so that a masked logit has no weight: e^-45
            assertThat(out[2 + i]).isCloseTo(expected, within(1e-11 * expected + 3e-20));
            assertThat(out[2 + i] == 0).isEqualTo(x <= -45);
            expectedSum += expected;
        }
        assertThat(sum).isCloseTo(expectedSum, within(1e-11 * expectedSum));
    }

    @Test
    void shouldTakeTheFirstOfEqualLogitsAndGiveMaskedOnesNothing() {
        LogitWeights weights = new VectorLogitWeights();
        float[] logits = new float[3000];
        Arrays.fill(logits, Float.NEGATIVE_INFINITY);
        logits[2047] = 4;
        logits[2048] = 4;
        logits[2999] = 4;
        assertThat(weights.largest(logits, 0, logits.length)).isEqualTo(2047);
        assertThat(weights.largest(logits, 2048, 952)).isZero();
        assertThat(weights.largest(new float[] {Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY}, 0, 2))
                .isZero();
        double[] out = new double[3000];
        assertThat(weights.weigh(logits, 0, 3000, 4, 1, out, 0)).isEqualTo(3);
        assertThat(out[0]).isZero();
        assertThat(out[2047]).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
    void shouldRefuseLogitsThatCannotBeSampledWhereverTheyAre(float broken) {
        for (int at : new int[] {0, 5, 1024, 4999}) {
            float[] logits = new float[5000];
            logits[at] = broken;
            var distribution = new TokenDistribution(5000, new VectorLogitWeights());
            assertThatThrownBy(() -> distribution.load(logits, 0, SamplingOptions.atTemperature(1)))
                    .as("at %d", at)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("NaN or infinity");
        }
    }

    @Test
    void shouldPassOverWeightsAsPlainLoopsDo() {
        LogitWeights vectors = new VectorLogitWeights();
        for (int count : new int[] {1, 8, 63, 1000, 1027}) {
            double[] weights = random.doubles(count)
                    .map(u -> u < 0.2 ? 0 : u < 0.4 ? 0.3 : u)
                    .toArray();
            double[] out = new double[count];
            double[] expected = new double[count];
            int found = vectors.collect(weights, 0.3, 0.7, out);
            assertThat(found).isEqualTo(LogitWeights.PLAIN.collect(weights, 0.3, 0.7, expected));
            assertThat(out).containsExactly(expected);
            assertThat(vectors.maxima(weights, 64, out)).isEqualTo(LogitWeights.PLAIN.maxima(weights, 64, expected));
            assertThat(out).containsExactly(expected);
            assertThat(vectors.sumFrom(weights, 0.3))
                    .isCloseTo(LogitWeights.PLAIN.sumFrom(weights, 0.3), within(1e-10));
            double[] cut = weights.clone();
            double sum = vectors.cut(cut, 0, count, 0.3);
            assertThat(sum).isCloseTo(LogitWeights.PLAIN.cut(weights, 0, count, 0.3), within(1e-10));
            assertThat(cut).containsExactly(weights);
        }
    }

    @Test
    void shouldDrawWhatPlainLoopsDraw() {
        int vocabulary = 20_011;
        float[] logits = new float[vocabulary];
        for (int i = 0; i < vocabulary; i++) {
            logits[i] = (float) (2 * random.nextGaussian());
        }
        var plain = new TokenDistribution(vocabulary);
        var vectors = new TokenDistribution(vocabulary, new VectorLogitWeights());
        for (SamplingOptions options : new SamplingOptions[] {
            SamplingOptions.greedy(),
            SamplingOptions.atTemperature(0.6),
            new SamplingOptions(1, 0.9, 0),
            new SamplingOptions(1, 1, 50),
            new SamplingOptions(0.8, 0.9, 40)
        }) {
            plain.load(logits, 0, options);
            vectors.load(logits, 0, options);
            assertThat(vectors.argmax()).isEqualTo(plain.argmax());
            for (int draw = 0; draw < 500; draw++) {
                double u = random.nextDouble();
                int token = plain.sample(u);
                assertThat(vectors.sample(u)).isEqualTo(token);
                assertThat(vectors.logProbability(token)).isEqualTo(plain.logProbability(token));
                assertThat(vectors.probability(token)).isCloseTo(plain.probability(token), within(1e-11));
            }
        }
    }
}
