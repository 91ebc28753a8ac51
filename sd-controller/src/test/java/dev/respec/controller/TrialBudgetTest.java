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
        assertThat(budget.left()).isCloseTo(150 + 7.5, within(1e-9));
        for (int second = 1; second < 100; second++) {
            budget.passed(1000, 5);
        }
        assertThat(budget.left()).isCloseTo(500 + 0.75 * 1000, within(1e-6));

        budget.lost(1000);
        assertThat(budget.left()).isCloseTo(250, within(1e-6));
    }

    @Test
    void shouldAdvanceTwentySlowSteps() {
        var budget = new TrialBudget(0.01);

        budget.passed(1_000_000, 200);

        assertThat(budget.left()).isCloseTo(20 * 200 + 0.75 * 10_000, within(1e-6));
    }

    /** A quarter of a hundredth of the time pays for a comparison of 100 ms every 40 s. */
    @Test
    void shouldPayForPlainDecodingOnItsOwn() {
        var budget = new TrialBudget(0.01);
        budget.passed(39_000, 5);
        assertThat(budget.auditIsDue(100)).isFalse();
        budget.passed(1_001, 5);
        assertThat(budget.auditIsDue(100)).isTrue();

        double before = budget.left();
        budget.audit(100);
        budget.lost(100);

        assertThat(budget.left()).isCloseTo(before, within(1e-9));
        assertThat(budget.auditIsDue(100)).isFalse();
    }

    @Test
    void shouldAllowNothingWithoutAShare() {
        var budget = new TrialBudget(0);

        budget.passed(1_000_000, 5);

        assertThat(budget.left()).isZero();
        assertThat(budget.auditIsDue(0)).isFalse();
    }
}
