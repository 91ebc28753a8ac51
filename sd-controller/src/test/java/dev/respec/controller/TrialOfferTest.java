package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.controller.TrialOffer.Terms;
import dev.respec.speculation.Setting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrialOfferTest {
    private static final Setting RIVAL = Setting.chain("eagle3", 2);
    private static final double HYSTERESIS = 0.03;

    /** Batch 4, steps of 5 ms, always there, noise as measured, free switches. */
    private static final Terms TERMS = new Terms(4, 5, 1, 0.2, 0);

    /** Steps of 10 ms where plain ones take 5. */
    private static SettingEstimate rival(double gain, double costDoubt) {
        return new SettingEstimate(RIVAL, gain, costDoubt * costDoubt, 0, 2 * gain, 100_000);
    }

    private static Choice plain() {
        return Choice.NO_DATA;
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "0.3, 0.2", "-0.3, 0.2", "-2, 0.5", "1, 0.01"})
    void shouldExpectTheImprovementOfTheNormalDistribution(double mean, double deviation) {
        // an independent reference: the integral by the midpoint rule
        double integral = 0;
        double width = 1e-4;
        for (double z = -8 + width / 2; z < 8; z += width) {
            integral += width * Math.max(0, mean + deviation * z) * Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
        }

        assertThat(TrialOffer.improvement(mean, deviation)).isCloseTo(integral, within(1e-6));
    }

    @Test
    void shouldExpectNoLuckWhereNothingIsDoubtful() {
        assertThat(TrialOffer.improvement(-0.1, 0)).isZero();
        assertThat(TrialOffer.improvement(0.1, 0)).isEqualTo(0.1);
    }

    /** A Kalman update moves the mean by a variance of P² / (P + r). */
    @Test
    void shouldPromiseWhatPairsMayShow() {
        double variance = 0.3 * 0.3;
        double ofObservation = 0.2 / 8 + 0.012 * 0.012;
        double learned = variance * variance / (variance + ofObservation);

        TrialOffer offer = TrialOffer.of(rival(0.9, 0.3), plain(), HYSTERESIS, TERMS, 4);

        assertThat(offer.promise())
                .isCloseTo(300_000 * TrialOffer.improvement(Math.log(0.9 / 1.03), Math.sqrt(learned)), within(1e-6));
    }

    /** Turns of 20 ms and a step of 10 ms that does not count, of which a tenth is lost; two switches each time. */
    @Test
    void shouldCostWhatTheRivalsTurnsLose() {
        TrialOffer offer = TrialOffer.of(rival(0.9, 0.3), plain(), HYSTERESIS, new Terms(4, 5, 1, 0.2, 1.5), 4);

        assertThat(offer.turnMillis()).isEqualTo(20);
        assertThat(offer.rivalMillis()).isCloseTo(4 * 2 * (20 + 10), within(1e-9));
        assertThat(offer.loss()).isCloseTo(0.1 * 240 + 4 * 2 * 1.5, within(1e-9));
    }

    @Test
    void shouldTakeTurnsOfSeveralSteps() {
        TrialOffer slow = TrialOffer.of(rival(0.9, 0.3), plain(), HYSTERESIS, new Terms(4, 100, 1, 0.2, 0), 1);

        assertThat(slow.turnMillis()).isCloseTo(2 * 200, within(1e-9));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 0.7, 0.8})
    void shouldNotBeWorthItWhereARivalIsSurelySlower(double gain) {
        assertThat(TrialOffer.best(rival(gain, 0.03), plain(), HYSTERESIS, TERMS)
                        .worth())
                .isLessThan(1);
        assertThat(TrialOffer.best(rival(gain, 0.5), plain(), HYSTERESIS, TERMS).worth())
                .isGreaterThan(1);
    }

    /** At a hundredth of the time a result is of use for a hundredth as long. */
    @Test
    void shouldPromiseLessWhereLittleTimeIsSpent() {
        Terms rare = new Terms(4, 5, 0.01, 0.2, 0);

        assertThat(TrialOffer.of(rival(0.9, 0.3), plain(), HYSTERESIS, rare, 4).promise())
                .isCloseTo(
                        TrialOffer.of(rival(0.9, 0.3), plain(), HYSTERESIS, TERMS, 4)
                                        .promise()
                                / 100,
                        within(1e-9));
    }

    /** One pair can change nothing, many can: the length that is weighed is not the one that is run. */
    @Test
    void shouldWeighMorePairsThanItRunsAtOnce() {
        TrialOffer best = TrialOffer.best(rival(0.99, 0.05), plain(), HYSTERESIS, TERMS);

        assertThat(best.doublePairs()).isGreaterThan(1);
        assertThat(best.first(1).doublePairs()).isEqualTo(1);
        assertThat(best.first(1).loss()).isCloseTo(best.loss() / best.doublePairs(), within(1e-9));
    }

    /** What steps tell of a drafter's acceptance counts like what pairs tell of its costs. */
    @Test
    void shouldPromiseToLearnAcceptance() {
        var unknown = new SettingEstimate(RIVAL, 0.8, 0, 0.25, 1.6, 0);
        var known = new SettingEstimate(RIVAL, 0.8, 0, 0.25, 1.6, 100_000);

        assertThat(TrialOffer.of(unknown, plain(), HYSTERESIS, TERMS, 8).promise())
                .isGreaterThan(
                        TrialOffer.of(known, plain(), HYSTERESIS, TERMS, 8).promise());
    }
}
