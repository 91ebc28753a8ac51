package dev.respec.trainer.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Against TRL's and AReaL's losses and gradients (golden/grpo/README.md). */
class PolicyLossTest {
    private static final double TOLERANCE = 1e-6;

    static Stream<Arguments> goldenCases() {
        return GoldenCases.BATCHES.stream().flatMap(name -> {
            var batch = GoldenCases.batch(name);
            return StreamSupport.stream(batch.get("cases").spliterator(), false)
                    .filter(golden -> !golden.path("kl_ratio_weighted").asBoolean()) // a variant that is not offered
                    .map(golden -> Arguments.of(Named.of(golden.get("id").asText(), golden), batch));
        });
    }

    static Stream<Arguments> otherObjectives() {
        return StreamSupport.stream(GoldenCases.batch("objectives").get("cases").spliterator(), false)
                .map(golden -> Arguments.of(
                        Named.of(golden.get("id").asText(), golden),
                        GoldenCases.batch(golden.get("batch").asText())));
    }

    @ParameterizedTest
    @MethodSource({"goldenCases", "otherObjectives"})
    void shouldMatchGoldenLossAndGradient(JsonNode golden, JsonNode batch) {
        // Given
        var settings = settings(golden);
        var loss = new PolicyLoss(settings);
        var advantages = GoldenCases.row(
                batch.get("advantages").get(golden.get("scale_rewards").asText()));
        var weights = Reduction.valueOf(golden.get("loss_type").asText().toUpperCase(Locale.ROOT))
                .rowWeights(
                        GoldenCases.maskCounts(batch.get("mask")),
                        batch.get("max_completion_length").asInt());
        var statistics = new LossStatistics();

        // When
        var gradients = new double[weights.length][];
        for (int i = 0; i < weights.length; i++) {
            var row = row(batch, i, settings);
            gradients[i] = new double[row.length()];
            loss.apply(row, advantages[i], weights[i], gradients[i], statistics);
        }

        // Then
        assertClose(statistics.loss(), golden.get("loss").asDouble());
        for (int i = 0; i < gradients.length; i++) {
            var expected = GoldenCases.row(golden.get("grad").get(i));
            for (int token = 0; token < expected.length; token++) {
                assertClose(gradients[i][token], expected[token]);
            }
        }
        assertStatistics(golden, statistics);
    }

    @Test
    void shouldLetAMissingProximalPolicyBeTheCurrentOne() {
        // Given
        var settings = new LossSettings(Objective.GRPO, 0.2, 0.28, 0, ImportanceCorrection.TIS, 2);
        var current = new double[] {-1.0, -0.5, -2.0};
        var behaviour = new double[] {-1.2, -0.4, -5.0};
        var implied = new double[3];
        var given = new double[3];

        // When
        new PolicyLoss(settings).apply(TokenRow.of(current, behaviour), 1.5, 1, implied, new LossStatistics());
        new PolicyLoss(settings)
                .apply(
                        TokenRow.of(current, behaviour).withProximal(current.clone()),
                        1.5,
                        1,
                        given,
                        new LossStatistics());

        // Then: the ratio is 1, so the gradient is −A·min(w, 2)
        assertThat(implied).isEqualTo(given);
        assertThat(implied[0]).isCloseTo(-1.5 * Math.exp(0.2), within(1e-12));
        assertThat(implied[2]).isCloseTo(-3.0, within(1e-12));
    }

    @Test
    void shouldGiveEveryTokenAGradientUnderCispo() {
        // Given: a ratio far above the range and one far below it
        var current = new double[] {-0.1, -4.0};
        var behaviour = new double[] {-3.0, -0.2};
        var gradient = new double[2];
        var statistics = new LossStatistics();

        // When
        new PolicyLoss(new LossSettings(Objective.CISPO, 0.2, 0.28, 0, ImportanceCorrection.NONE, 2))
                .apply(TokenRow.of(current, behaviour), 1, 1, gradient, statistics);

        // Then: −min(r, 1.28)
        assertThat(gradient[0]).isCloseTo(-1.28, within(1e-12));
        assertThat(gradient[1]).isCloseTo(-Math.exp(-3.8), within(1e-12));
        assertThat(statistics.clipFractionHigh()).isEqualTo(0.5);
    }

    /**
     * The response's ratio is exp of the mean over its two counted tokens, (a + b) / 2; the one between them does not count.
     * Outside 0.97 to 1.04 it is cut only where it would be moved further out, which depends on the advantage's sign.
     */
    @ParameterizedTest
    @CsvSource({
        "0.3, 0.1, 1.5, true", // above, and to be raised
        "0.3, 0.1, -1.5, false", // above, and to be lowered
        "-0.3, -0.1, 1.5, false", // below, and to be raised
        "-0.3, -0.1, -1.5, true", // below, and to be lowered
        "0.3, -0.29, 1.5, false", // within, although each token's own ratio is outside
        "-0.3, 0.29, -1.5, false",
        "0.07, -0.001, -1.5, false", // the mean is within the range, the sum is not
        "0.07, -0.001, 1.5, false"
    })
    void shouldClipAResponsesRatioOnTheSideOfItsAdvantage(double a, double b, double advantage, boolean cut) {
        var gradient = new double[3];
        var statistics = new LossStatistics();
        var row = TokenRow.of(new double[] {-1 + a, -9, -2 + b}, new double[] {-1, -1, -2})
                .withCounted(new boolean[] {true, false, true});

        double loss = new PolicyLoss(new LossSettings(Objective.GSPO, 0.03, 0.04, 0, ImportanceCorrection.NONE, 2))
                .apply(row, advantage, 0.25, gradient, statistics);

        double ratio = Math.exp((a + b) / 2);
        double within = Math.max(0.97, Math.min(1.04, ratio));
        assertThat(loss).isCloseTo(-2 * 0.25 * Math.min(ratio * advantage, within * advantage), within(1e-12));
        double slope = cut ? 0 : -0.25 * ratio * advantage;
        assertThat(gradient[0]).isCloseTo(slope, within(1e-12));
        assertThat(gradient[1]).isZero();
        assertThat(gradient[2]).isCloseTo(slope, within(1e-12));
        assertThat(statistics.clipFractionHigh()).isEqualTo(cut && ratio > 1 ? 1 : 0);
        assertThat(statistics.clipFractionLow()).isEqualTo(cut && ratio < 1 ? 1 : 0);
    }

    /**
     * The weight min(r, 1.28) is a constant: with a gradient through it, a token's would be larger by (1 + current). It is
     * cut above whatever the advantage's sign, and never below.
     */
    @ParameterizedTest
    @CsvSource({"0.2, 1.5", "0.2, -1.5", "0.9, 1.5", "0.9, -1.5", "-0.9, 1.5", "-0.9, -1.5"})
    void shouldHoldTheWeightOfCispoConstant(double logRatio, double advantage) {
        var gradient = new double[1];
        double current = -0.7;

        double loss = new PolicyLoss(new LossSettings(Objective.CISPO, 0.2, 0.28, 0, ImportanceCorrection.NONE, 2))
                .apply(
                        TokenRow.of(new double[] {current}, new double[] {current - logRatio}),
                        advantage,
                        0.5,
                        gradient,
                        new LossStatistics());

        double weight = Math.min(Math.exp(logRatio), 1.28);
        assertThat(gradient[0]).isCloseTo(-0.5 * weight * advantage, within(1e-12));
        assertThat(loss).isCloseTo(-0.5 * weight * advantage * current, within(1e-12));
    }

    @Test
    void shouldReportEqualWeightsAsAFullSample() {
        // Given
        var settings = new LossSettings(Objective.GRPO, 0.2, 0.2, 0, ImportanceCorrection.TIS, 2);
        var statistics = new LossStatistics();

        // When
        new PolicyLoss(settings)
                .apply(
                        TokenRow.of(new double[] {-1, -2}, new double[] {-1.5, -2.5}),
                        1,
                        0.5,
                        new double[2],
                        statistics);

        // Then
        var weight = Math.exp(0.5);
        assertThat(statistics.effectiveSampleShare()).isCloseTo(1, within(1e-12));
        assertThat(statistics.meanImportance()).isCloseTo(weight, within(1e-12));
        assertThat(statistics.samplerDivergence()).isCloseTo(weight - 1 - 0.5, within(1e-12));
    }

    private static LossSettings settings(JsonNode golden) {
        var correction =
                ImportanceCorrection.valueOf(golden.get("correction").asText().toUpperCase(Locale.ROOT));
        var cap = correction == ImportanceCorrection.TIS
                ? golden.get("tis_cap").asDouble()
                : golden.path("behaviour_weight_cap").asDouble(1);
        return new LossSettings(
                Objective.valueOf(golden.path("objective").asText("grpo").toUpperCase(Locale.ROOT)),
                golden.get("clip_low").asDouble(),
                golden.get("clip_high").asDouble(),
                golden.get("beta").asDouble(),
                correction,
                cap);
    }

    private static TokenRow row(JsonNode batch, int i, LossSettings settings) {
        var row = TokenRow.of(
                        GoldenCases.row(batch.get("logp_current").get(i)),
                        GoldenCases.row(batch.get("logp_behaviour").get(i)))
                .withProximal(GoldenCases.row(batch.get("logp_proximal").get(i)))
                .withCounted(GoldenCases.mask(batch.get("mask").get(i)));
        return settings.needsReference()
                ? row.withReference(GoldenCases.row(batch.get("logp_reference").get(i)))
                : row;
    }

    private static void assertStatistics(JsonNode golden, LossStatistics statistics) {
        if (golden.has("clip_frac_low")) {
            assertThat(statistics.clipFractionLow())
                    .isCloseTo(golden.get("clip_frac_low").asDouble(), within(1e-6));
            assertThat(statistics.clipFractionHigh())
                    .isCloseTo(golden.get("clip_frac_high").asDouble(), within(1e-6));
        }
        if (golden.path("mean_kl").isNumber()) {
            assertThat(statistics.referenceDivergence())
                    .isCloseTo(golden.get("mean_kl").asDouble(), within(1e-6));
        }
    }

    private static void assertClose(double actual, double expected) {
        assertThat(actual).isCloseTo(expected, within(TOLERANCE * Math.abs(expected) + 1e-12));
    }
}
