package dev.respec.model.sampling;

import static dev.respec.model.sampling.SamplingGolden.floats;
import static dev.respec.model.sampling.SamplingGolden.row;
import static dev.respec.model.sampling.SamplingGolden.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import dev.respec.model.sampling.SamplingOptions.Recorded;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenDistributionTest {
    static Stream<JsonNode> filters() {
        return SamplingGolden.cases("sampling-filters/filters.json");
    }

    static Stream<JsonNode> chains() {
        return SamplingGolden.cases("spec-sampling/chain_fixed.json");
    }

    /** Expected: transformers 5.18 TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper in float64. */
    @ParameterizedTest
    @MethodSource("filters")
    void shouldAgreeWithTransformersWarpers(JsonNode example) {
        var logits = floatRow(example.get("logits"));
        var options = options(example, Recorded.FULL);
        var distribution = new TokenDistribution(logits.length);

        distribution.load(logits, 0, options);

        for (int token = 0; token < logits.length; token++) {
            double expected = example.get("probabilities").get(token).doubleValue();
            assertThat(distribution.probability(token)).isCloseTo(expected, within(1e-7));
            assertThat(distribution.logProbability(token))
                    .isCloseTo((float) example.get("log_softmax").get(token).doubleValue(), within(2e-6f));
        }
    }

    @ParameterizedTest
    @MethodSource("filters")
    void shouldRecordFilteredLogProbabilityWhereAsked(JsonNode example) {
        var logits = floatRow(example.get("logits"));
        var distribution = new TokenDistribution(logits.length);

        distribution.load(logits, 0, options(example, Recorded.FILTERED));

        for (int token = 0; token < logits.length; token++) {
            double expected = example.get("probabilities").get(token).doubleValue();
            if (expected > 0) {
                assertThat(distribution.logProbability(token)).isCloseTo((float) Math.log(expected), within(2e-6f));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("chains")
    void shouldGiveExactAcceptanceAndResidual(JsonNode example) {
        var targets = rows(example.get("target_probs"));
        var drafts = rows(example.get("draft_probs"));
        var q = SamplingGolden.distributions(drafts);
        var distribution = new TokenDistribution(SamplingGolden.VOCABULARY);
        for (int position = 0; position < drafts.length; position++) {
            int drafted = example.get("draft_tokens").get(position).intValue();
            distribution.loadProbabilities(targets[position]);

            double accepted = Math.min(1, distribution.probability(drafted) / q.drafted(position, drafted));
            assertThat(accepted)
                    .isCloseTo(example.get("accept_prob").get(position).doubleValue(), within(1e-6));

            // q is float32: what is compared to 1e-9 is the residual of the rows as rounded, normalised by definition.
            distribution.subtract(q.probabilities(), q.rowStart(position), q.vocabulary());
            var residual = example.get("residual").get(position);
            if (!residual.isNull()) {
                assertProbabilities(distribution, residual(targets[position], floats(drafts[position])), 1e-9);
                assertProbabilities(distribution, row(residual), 1e-5);
            }
        }
    }

    @Test
    void shouldSampleByInverseOfCumulativeDistribution() {
        var distribution = new TokenDistribution(4);
        distribution.loadProbabilities(new double[] {0, 0.25, 0.5, 0.25});

        assertThat(distribution.sample(0)).isEqualTo(1);
        assertThat(distribution.sample(0.2499)).isEqualTo(1);
        assertThat(distribution.sample(0.25)).isEqualTo(2);
        assertThat(distribution.sample(0.7499)).isEqualTo(2);
        assertThat(distribution.sample(Math.nextDown(1.0))).isEqualTo(3);
    }

    @Test
    void shouldNeverSampleRemovedToken() {
        var distribution = new TokenDistribution(3);
        distribution.loadProbabilities(new double[] {0.5, 0.3, 0.2});

        distribution.remove(2);

        assertThat(distribution.probability(0)).isCloseTo(0.625, within(1e-12));
        assertThat(distribution.sample(Math.nextDown(1.0))).isEqualTo(1);
        distribution.remove(0);
        distribution.remove(1);
        assertThat(distribution.isEmpty()).isTrue();
        assertThatThrownBy(() -> distribution.sample(0.5)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldTakeSmallestIdAmongEqualLogits() {
        var distribution = new TokenDistribution(3);

        distribution.load(new float[] {9f, 1f, 2f, 2f}, 1, SamplingOptions.greedy());

        assertThat(distribution.argmax()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
    void shouldRefuseLogitsThatAreNoNumbers(float broken) {
        var distribution = new TokenDistribution(3);

        assertThatThrownBy(() -> distribution.load(new float[] {1f, broken, 0f}, 0, SamplingGolden.PLAIN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NaN or infinity");
    }

    @Test
    void shouldExponentiateAsMathDoes() {
        var values = new double[20_001];
        for (int i = 0; i < values.length; i++) {
            values[i] = 5 - i / 1000.0;
        }

        ExponentialWeights.apply(values, 0, values.length, 5, 1);

        for (int i = 0; i < values.length; i++) {
            assertThat(values[i]).isCloseTo(Math.exp(-i / 1000.0), withinPercentage(1e-8));
        }
        var masked = new double[] {0, Double.NEGATIVE_INFINITY, -46, -1e300};
        ExponentialWeights.apply(masked, 0, masked.length, 0, 1);
        assertThat(masked).containsExactly(1, 0, 0, 0);
    }

    /** Against a softmax by Math.exp and its cumulative sums, over more tokens than one block holds. */
    @ParameterizedTest
    @ValueSource(ints = {1023, 1024, 1025, 5000})
    void shouldSampleALargeVocabularyByItsInverse(int vocabulary) {
        var random = new SplittableRandom(SamplingGolden.seed());
        var logits = new float[vocabulary + 3];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) (20 * random.nextDouble());
        }
        double temperature = 0.7;
        var expected = new double[vocabulary];
        double sum = 0;
        for (int token = 0; token < vocabulary; token++) {
            expected[token] = Math.exp(logits[3 + token] / temperature);
            sum += expected[token];
        }
        var distribution = new TokenDistribution(vocabulary);
        distribution.load(logits, 3, SamplingOptions.atTemperature(temperature));
        int removed = vocabulary / 2;
        for (int round = 0; round < 2; round++) {
            double cumulative = 0;
            for (int token = 0; token < vocabulary; token++) {
                double p = expected[token] / sum;
                assertThat(distribution.probability(token)).isCloseTo(p, within(1e-10));
                if (p > 1e-7) {
                    assertThat(distribution.sample(cumulative + p / 2)).isEqualTo(token);
                }
                cumulative += p;
            }
            distribution.remove(removed);
            sum -= expected[removed];
            expected[removed] = 0;
        }
    }

    @Test
    void shouldCopeWithExtremeLogits() {
        var distribution = new TokenDistribution(3);

        distribution.load(new float[] {1e30f, -1e30f, Float.NEGATIVE_INFINITY}, 0, SamplingGolden.PLAIN);

        assertThat(distribution.probability(0)).isEqualTo(1);
        assertThat(distribution.sample(0.999)).isZero();
    }

    @Test
    void shouldDrawReproducibleAndIndependentStreams() {
        var first = new SplittableRandomStream(1, 0);
        var same = new SplittableRandomStream(1, 0);
        var other = new SplittableRandomStream(1, 1);
        double product = 0;
        double sum = 0;
        int n = 100_000;
        for (int i = 0; i < n; i++) {
            double x = first.nextDouble();
            assertThat(same.nextDouble()).isEqualTo(x);
            sum += x;
            product += (x - 0.5) * (other.nextDouble() - 0.5);
        }
        assertThat(sum / n).isCloseTo(0.5, within(5 * Math.sqrt(1.0 / 12 / n)));
        assertThat(product / n).isCloseTo(0, within(5.0 / 12 / Math.sqrt(n)));
    }

    @Test
    void shouldRefuseOptionsOutOfRange() {
        assertThatThrownBy(() -> new SamplingOptions(-1, 1, 0)).hasMessageContaining("temperature");
        assertThatThrownBy(() -> new SamplingOptions(1, 0, 0)).hasMessageContaining("top-p");
        assertThatThrownBy(() -> new SamplingOptions(1, 1, -1)).hasMessageContaining("top-k");
    }

    private static SamplingOptions options(JsonNode example, Recorded recorded) {
        return new SamplingOptions(
                example.get("temperature").doubleValue(),
                example.get("top_p").doubleValue(),
                example.get("top_k").intValue(),
                recorded);
    }

    private static double[] residual(double[] p, float[] q) {
        var residual = new double[p.length];
        double sum = 0;
        for (int token = 0; token < p.length; token++) {
            residual[token] = Math.max(0, p[token] - q[token]);
            sum += residual[token];
        }
        for (int token = 0; token < p.length; token++) {
            residual[token] /= sum;
        }
        return residual;
    }

    private static void assertProbabilities(TokenDistribution distribution, double[] expected, double tolerance) {
        for (int token = 0; token < expected.length; token++) {
            assertThat(distribution.probability(token)).isCloseTo(expected[token], within(tolerance));
        }
    }

    private static float[] floatRow(JsonNode node) {
        var values = new float[node.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = node.get(i).floatValue();
        }
        return values;
    }
}
