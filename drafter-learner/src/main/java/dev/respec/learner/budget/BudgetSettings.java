package dev.respec.learner.budget;

import java.time.Duration;

/**
 * How the budget is decided.
 *
 * @param automatic false trains on everything
 * @param fast horizon of the average that is judged
 * @param slow horizon of the average it is judged by
 * @param tolerance relative change of the acceptance length that counts as none
 * @param least smallest share of the rollouts; 0 lets the learner rest
 * @param most largest share
 */
public record BudgetSettings(
        boolean automatic, Duration fast, Duration slow, double tolerance, double least, double most) {
    /** Everything, always. */
    public static final BudgetSettings ALWAYS =
            new BudgetSettings(false, Duration.ofSeconds(1), Duration.ofSeconds(2), 0, 1, 1);
}
