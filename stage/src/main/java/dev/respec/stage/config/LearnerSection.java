package dev.respec.stage.config;

import java.time.Duration;
import java.util.List;

public record LearnerSection(
        boolean enabled,
        Weighting weighting,
        Update update,
        double learningRate,
        int batchRollouts,
        Duration interval,
        int bufferRollouts,
        double holdOutFraction,
        int tttLength,
        double lossDecay,
        double totalVariation,
        double replay,
        int replayRollouts,
        List<Double> betas,
        double clip,
        int threads,
        double maxDuty,
        Budget budget,
        Duration budgetFast,
        Duration budgetSlow,
        double budgetTolerance,
        double budgetLeast,
        double budgetMost,
        String device) {
    /** Weight of a rollout in the distillation loss. */
    public enum Weighting {
        UNIFORM,
        REWARD,
        ADVANTAGE,
        /** Failed rollouts count most. */
        FAILURES
    }

    /** How a round trains. */
    public enum Update {
        /** One optimiser step per batch of fresh rollouts, the last one filled with older ones. */
        BATCHES,
        /** As ReSpec's Algorithm 1: one step over everything buffered, which is then dropped. */
        ALGORITHM_1
    }

    /** Who decides how much it trains. */
    public enum Budget {
        /** Nobody: on all fresh rollouts. */
        ALWAYS,
        /** The acceptance length that is served. */
        AUTO
    }

    public LearnerSection {
        InvalidValue.positive("learning-rate", learningRate);
        InvalidValue.atLeast(1, "batch-rollouts", batchRollouts);
        InvalidValue.require(
                bufferRollouts >= batchRollouts,
                "buffer-rollouts",
                bufferRollouts,
                "a number of at least batch-rollouts, " + batchRollouts);
        InvalidValue.require(
                holdOutFraction > 0 && holdOutFraction < 1,
                "hold-out-fraction",
                holdOutFraction,
                "a number between 0 and 1");
        InvalidValue.atLeast(1, "ttt-length", tttLength);
        InvalidValue.fraction("loss-decay", lossDecay);
        weight("total-variation", totalVariation);
        weight("replay", replay);
        InvalidValue.atLeast(0, "replay-rollouts", replayRollouts);
        betas = Betas.checked(betas);
        InvalidValue.positive("clip", clip);
        InvalidValue.atLeast(1, "threads", threads);
        InvalidValue.require(maxDuty > 0 && maxDuty <= 1, "max-duty", maxDuty, "a number above 0 and at most 1");
        DeviceSetting.requireOwn(device);
        InvalidValue.positive("budget-fast", budgetFast);
        InvalidValue.require(
                budgetSlow.compareTo(budgetFast) > 0,
                "budget-slow",
                budgetSlow,
                "a duration longer than budget-fast, " + budgetFast);
        InvalidValue.fraction("budget-tolerance", budgetTolerance);
        InvalidValue.require(
                budgetMost > 0 && budgetMost <= 1, "budget-most", budgetMost, "a number above 0 and at most 1");
        InvalidValue.require(
                budgetLeast >= 0 && budgetLeast <= budgetMost,
                "budget-least",
                budgetLeast,
                "a number from 0 to budget-most, " + budgetMost);
    }

    private static void weight(String key, double value) {
        InvalidValue.require(value >= 0 && value < Double.POSITIVE_INFINITY, key, value, "a number of at least 0");
    }
}
