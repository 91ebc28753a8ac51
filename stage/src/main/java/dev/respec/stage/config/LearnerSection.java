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
        List<Double> betas,
        double clip,
        int threads,
        double maxDuty,
        String device) {
    /** Weight of a rollout in the distillation loss. */
    public enum Weighting {
        UNIFORM,
        REWARD,
        ADVANTAGE
    }

    /** How a round trains. */
    public enum Update {
        /** One optimiser step per batch of fresh rollouts, the last one filled with older ones. */
        BATCHES,
        /** As ReSpec's Algorithm 1: one step over everything buffered, which is then dropped. */
        ALGORITHM_1
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
        betas = Betas.checked(betas);
        InvalidValue.positive("clip", clip);
        InvalidValue.atLeast(1, "threads", threads);
        InvalidValue.require(maxDuty > 0 && maxDuty <= 1, "max-duty", maxDuty, "a number above 0 and at most 1");
        DeviceSetting.requireOwn(device);
    }
}
