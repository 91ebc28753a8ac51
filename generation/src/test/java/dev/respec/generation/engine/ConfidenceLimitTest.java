package dev.respec.generation.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.generation.engine.DraftLimits.Prices;
import org.junit.jupiter.api.Test;

class ConfidenceLimitTest {
    @Test
    void shouldEndAChainWhoseTokenGainsLessThanARowCosts() {
        // Given nothing counted: rates are about the confidences
        var limit = new ConfidenceLimit();
        limit.begin(2, 0, new Prices(0.3, 0));
        boolean[] goesOn = {true, true};

        // When the first is sure and the second is not
        boolean further = limit.choose(0, new double[] {0.9, 0.6}, goesOn);
        assertThat(further).isTrue();
        assertThat(goesOn).containsExactly(true, true);
        limit.choose(1, new double[] {0.9, 0.4}, goesOn);

        // Then 0.81 pays and 0.24 does not
        assertThat(goesOn).containsExactly(true, false);
    }

    @Test
    void shouldNotPayForAPassThatAllSequencesTogetherDoNotNeed() {
        var limit = new ConfidenceLimit();
        boolean[] goesOn = {true, true};
        limit.begin(2, 0, new Prices(0, 1.3));
        assertThat(limit.choose(0, new double[] {0.5, 0.5}, goesOn)).isFalse();
        assertThat(goesOn).containsExactly(true, true);
        limit.begin(2, 0, new Prices(0, 1.3));
        assertThat(limit.choose(0, new double[] {0.9, 0.9}, goesOn)).isTrue();
    }

    @Test
    void shouldEndNothingThatIsFree() {
        var limit = new ConfidenceLimit();
        limit.begin(1, 0, Prices.FREE);
        boolean[] goesOn = {true};
        for (int position = 0; position < 16; position++) {
            assertThat(limit.choose(position, new double[] {0.01}, goesOn)).isTrue();
            assertThat(goesOn[0]).isTrue();
        }
        assertThat(limit.passes()).isEqualTo(16);
    }

    @Test
    void shouldLearnFromTriedPositionsOnly() {
        var limit = new ConfidenceLimit();
        boolean[] goesOn = {true};
        for (int i = 0; i < 500; i++) {
            limit.begin(1, 0, Prices.FREE);
            limit.choose(0, new double[] {0.5}, goesOn);
            limit.choose(1, new double[] {0.2}, goesOn);
            limit.choose(2, new double[] {0.95}, goesOn);
            // the second is rejected, so that nothing is known of the third
            limit.verified(0, 3, 1);
        }
        limit.begin(1, 0, new Prices(0.8, 0));
        limit.choose(0, new double[] {0.5}, goesOn);
        assertThat(goesOn[0]).as("always accepted").isTrue();
        limit.begin(1, 0, new Prices(0.8, 0));
        limit.choose(0, new double[] {0.95}, goesOn);
        assertThat(goesOn[0]).as("never tried").isTrue();
        limit.begin(1, 0, new Prices(0.1, 0));
        limit.choose(0, new double[] {0.2}, goesOn);
        assertThat(goesOn[0]).as("always rejected").isFalse();
    }
}
