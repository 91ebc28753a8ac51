package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TrialBudgetTest {
    /** Half a second at most in advance, three quarters of a hundredth afterwards. */
    @Test
    void shouldAdvanceASecondHalfAndThenTheShare() {
        var budget = new TrialBudget(0.01);

        budget.passed(1000, 5);
        assertThat(budget.left()).isCloseTo(0.75 * (150 + 10), within(1e-9));
        for (int second = 1; second < 100; second++) {
            budget.passed(1000, 5);
        }
        assertThat(budget.left()).isCloseTo(0.75 * (500 + 1000), within(1e-6));

        budget.lost(1000);
        assertThat(budget.left()).isCloseTo(125, within(1e-6));
    }

    @Test
    void shouldAdvanceTwentySlowSteps() {
        var budget = new TrialBudget(0.01);

        budget.passed(1_000_000, 200);

        assertThat(budget.left()).isCloseTo(0.75 * (20 * 200 + 10_000), within(1e-6));
    }

    /** A quarter of half a second in advance and of a hundredth of the time. */
    @Test
    void shouldPayForPlainDecodingOnItsOwn() {
        var budget = new TrialBudget(0.01);
        budget.passed(40_000, 5);
        assertThat(budget.auditIsDue(224)).isTrue();
        assertThat(budget.auditIsDue(226)).isFalse();

        double before = budget.left();
        budget.audit(224);
        budget.lost(224);

        assertThat(budget.left()).isCloseTo(before, within(1e-9));
        assertThat(budget.auditIsDue(2)).isFalse();
    }

    @Test
    void shouldAllowNothingWithoutAShare() {
        var budget = new TrialBudget(0);

        budget.passed(1_000_000, 5);

        assertThat(budget.left()).isZero();
        assertThat(budget.auditIsDue(0)).isFalse();
    }
}
