package dev.respec.model.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProbabilityFilterTest {
    /** Rows with and without ties, against cutting a sorted list. */
    @Test
    void shouldKeepWhatASortedListKeeps() {
        var random = new SplittableRandom(SamplingGolden.seed());
        for (int round = 0; round < 5000; round++) {
            boolean ties = random.nextBoolean();
            var weights = random.doubles(1 + random.nextInt(30))
                    .map(u -> ties ? Math.ceil(4 * u) / 4 : u)
                    .toArray();
            int topK = random.nextInt(weights.length + 2);
            double topP = random.nextInt(3) == 0 ? 1 : 0.01 + 0.98 * random.nextDouble();
            var expected = cut(weights, topK, topP);

            var actual = weights.clone();
            double left = filtered(actual, new SamplingOptions(1, topP, topK));

            assertThat(actual)
                    .as("seed %d round %d", SamplingGolden.seed(), round)
                    .containsExactly(expected);
            assertThat(left).isCloseTo(ExponentialWeights.sum(expected, 0, expected.length), within(1e-9));
        }
    }

    /** Weights of a large vocabulary over all magnitudes that exp gives. */
    @Test
    void shouldKeepWhatASortedListKeepsOfManyWeights() {
        var random = new SplittableRandom(SamplingGolden.seed());
        for (int round = 0; round < 20; round++) {
            double spread = 0.1 + 50 * random.nextDouble();
            var weights = random.doubles(20_000)
                    .map(u -> u < 0.1 ? 0 : Math.exp(-spread * u))
                    .toArray();
            int topK = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(weights.length);
            double topP = random.nextInt(3) == 0 ? 1 : 0.01 + 0.98 * random.nextDouble();
            var actual = weights.clone();
            filtered(actual, new SamplingOptions(1, topP, topK));
            assertThat(actual)
                    .as("seed %d round %d", SamplingGolden.seed(), round)
                    .containsExactly(cut(weights, topK, topP));
        }
    }

    private static double filtered(double[] weights, SamplingOptions options) {
        var filter = new ProbabilityFilter(weights.length);
        double total = ExponentialWeights.sum(weights, 0, weights.length);
        double threshold = filter.threshold(weights, total, options);
        filter.cutTies(weights, threshold);
        return LogitWeights.PLAIN.cut(weights, 0, weights.length, threshold);
    }

    private static double[] cut(double[] weights, int topK, double topP) {
        var order = IntStream.range(0, weights.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -weights[i]).thenComparing(i -> i))
                .toList();
        double threshold = topK > 0 && topK < weights.length ? weights[order.get(topK - 1)] : 0;
        double mass = topP
                * IntStream.range(0, weights.length)
                        .mapToDouble(i -> weights[i])
                        .filter(w -> w >= threshold)
                        .sum();
        var kept = new double[weights.length];
        double cumulative = 0;
        for (int i : order) {
            if (weights[i] >= threshold && (topP == 1 || cumulative < mass)) {
                kept[i] = weights[i];
                cumulative += weights[i];
            }
        }
        return kept;
    }
}
