package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.controller.CostDeviations.Observation;
import dev.respec.speculation.Setting;
import org.junit.jupiter.api.Test;

class CostDeviationsTest {
    private static final Setting SHORT = Setting.chain("eagle3", 1);
    private static final Setting LONG = Setting.chain("eagle3", 4);
    private static final Setting SUFFIX = Setting.chain("suffix", 2);
    private final CostDeviations deviations = new CostDeviations(CostTable.of(new Machine(0.2).profile()));

    private static Observation exact(Setting setting, Setting rival, double logRatio) {
        return new Observation(2, setting, rival, logRatio, 1e-8);
    }

    @Test
    void shouldBelieveTheTableUntilSomethingIsSeen() {
        assertThat(deviations.factor(2, LONG)).isEqualTo(1);
        assertThat(deviations.factor(2, Setting.OFF)).isEqualTo(1);
    }

    /** A scalar Kalman update: the posterior variance is P · r / (P + r), the mean moves by P / (P + r). */
    @Test
    void shouldWeighEvidenceByItsVariance() {
        double before = deviations.variance(2, LONG, Setting.OFF);
        double noise = 0.02;

        deviations.observe(new Observation(2, Setting.OFF, LONG, 0.3, noise));

        assertThat(Math.log(deviations.factor(2, LONG))).isCloseTo(0.3 * before / (before + noise), within(1e-12));
        assertThat(deviations.variance(2, LONG, Setting.OFF))
                .isCloseTo(before * noise / (before + noise), within(1e-12));
    }

    /** Beyond two standard deviations the pull stays what it is there, as with Huber's loss. */
    @Test
    void shouldNotFollowAnAccident() {
        double before = deviations.variance(2, LONG, Setting.OFF);
        double deviation = Math.sqrt(before + 0.02);
        double far = 6 * deviation;

        deviations.observe(new Observation(2, Setting.OFF, LONG, far, 0.02));

        assertThat(Math.log(deviations.factor(2, LONG))).isCloseTo(far * before / (before + 3 * 0.02), within(1e-12));
    }

    /** New costs say that the setting takes e^0.2 as long as the old ones said. */
    @Test
    void shouldKeepWhatPairsShowedWhenTheTableChanges() {
        CostTable costs = CostTable.of(new Machine(0.2).profile());
        double prior = deviations.variance(6, SUFFIX, Setting.OFF);
        deviations.observe(exact(Setting.OFF, LONG, 0.5));
        double tied = Math.log(deviations.factor(6, SUFFIX));
        double sure = 1 - deviations.variance(6, SUFFIX, Setting.OFF) / prior;

        CostDeviations carried = deviations.withCosts(costs, (bucket, setting) -> -0.2);

        // Then: the time that was compared stays, and elsewhere the new table is believed as far as pairs showed
        // nothing
        assertThat(Math.log(carried.factor(2, LONG))).isCloseTo(0.3, within(1e-4));
        assertThat(Math.log(carried.factor(6, SUFFIX))).isCloseTo(tied - 0.2 * sure, within(1e-9));
        assertThat(carried.variance(2, LONG, Setting.OFF))
                .isCloseTo(deviations.variance(2, LONG, Setting.OFF), within(1e-12));
    }

    @Test
    void shouldChainComparisons() {
        deviations.observe(exact(Setting.OFF, SUFFIX, 0.3));
        deviations.observe(exact(SUFFIX, LONG, 0.4));

        assertThat(deviations.factor(2, LONG)).isCloseTo(Math.exp(0.7), within(1e-4));
        assertThat(deviations.factor(2, SUFFIX)).isCloseTo(Math.exp(0.3), within(1e-4));
    }

    @Test
    void shouldTieSettingsOfADrafterAndNeighbouringBatches() {
        double otherDrafter = deviations.variance(2, SUFFIX, Setting.OFF);
        deviations.observe(exact(Setting.OFF, LONG, 0.5));

        assertThat(deviations.factor(2, SHORT)).isGreaterThan(deviations.factor(2, SUFFIX));
        assertThat(deviations.factor(3, LONG)).isBetween(1.05, Math.exp(0.5));
        assertThat(deviations.factor(3, LONG)).isGreaterThan(deviations.factor(6, LONG));
        assertThat(deviations.variance(2, SHORT, Setting.OFF)).isLessThan(otherDrafter);
    }

    @Test
    void shouldForgetHowSureItWasButNotWhatItBelieved() {
        double before = deviations.variance(2, LONG, Setting.OFF);
        deviations.advance(0);
        deviations.observe(exact(Setting.OFF, LONG, 0.5));

        deviations.advance(1_000_000_000);

        assertThat(deviations.factor(2, LONG)).isCloseTo(Math.exp(0.5), within(1e-4));
        assertThat(deviations.variance(2, LONG, Setting.OFF)).isCloseTo(before, within(1e-6));
    }

    /** In a minute a setting that was known exactly drifts by a standard deviation of 0.03. */
    @Test
    void shouldDrift() {
        deviations.advance(0);
        deviations.observe(exact(Setting.OFF, LONG, 0.5));
        double known = deviations.variance(2, LONG, Setting.OFF);

        deviations.advance(60_000);

        assertThat(Math.sqrt(deviations.variance(2, LONG, Setting.OFF) - known)).isCloseTo(0.03, within(1e-4));
    }

    /** Measured beside another process, everything but plain decoding seems to take twice as long: one pair tells. */
    @Test
    void shouldSuspectAllOfATableThatIsWrongOnce() {
        deviations.observe(exact(Setting.OFF, LONG, -Math.log(2)));

        for (int bucket = 0; bucket < Machine.BATCHES.length; bucket++) {
            assertThat(deviations.factor(bucket, SUFFIX)).as("bucket " + bucket).isBetween(0.5, 0.75);
        }
    }
}
