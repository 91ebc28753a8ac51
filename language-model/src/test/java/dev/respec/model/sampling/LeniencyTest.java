package dev.respec.model.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LeniencyTest {
    private static final int DRAWS = 200_000;
    private static final double[] TARGET = {0.2, 0.5, 0.3, 0, 0, 0, 0, 0};
    private static final double[] DRAFTER = {0.6, 0.3, 0.1, 0, 0, 0, 0, 0};

    /**
     * The law of the first token is q(x) min(1, c p(x)/q(x)), plus the rejected mass times the residual norm(max(0, p - q)):
     * with c = 2, (0.4, 0.3, 0.1) and a rejected mass of 0.2 on (0, 1/2, 1/2).
     */
    @Test
    void shouldPullWhatIsEmittedTowardsTheDrafter() {
        assertThat(firstTokens(2)).containsExactly(new double[] {0.4, 0.4, 0.2, 0, 0, 0, 0, 0}, within(0.005));
    }

    @Test
    void shouldBeLosslessUnlessAProgramSaysOtherwise() {
        assertThat(Leniency.ofThisProcess()).isEqualTo(1);
        assertThat(firstTokens(Leniency.ofThisProcess())).containsExactly(TARGET, within(0.005));
    }

    @Test
    void shouldRefuseWhatIsNotLenient() {
        for (double wrong : new double[] {1, 0.5, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> Leniency.set(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected a number above 1");
        }
        assertThat(Leniency.ofThisProcess()).isEqualTo(1);
    }

    private static double[] firstTokens(double leniency) {
        var verifier = new ChainVerifier(new TokenDistribution(TARGET.length), leniency);
        var random = new SplittableRandomStream(SamplingGolden.seed(), 0);
        var q = SamplingGolden.distributions(new double[][] {DRAFTER});
        float[] logits = SamplingGolden.logits(TARGET, TARGET);
        double[] share = new double[TARGET.length];
        for (int draw = 0; draw < DRAWS; draw++) {
            int[] draft = {SamplingGolden.sample(DRAFTER, random)};
            share[
                    verifier.verify(logits, 0, draft, 1, q, SamplingOptions.atTemperature(1), random)
                            .token(0)] += 1.0 / DRAWS;
        }
        return share;
    }
}
