package dev.respec.stage.config;

import java.time.Duration;
import java.util.List;

public record TrainerSection(
        int promptsPerStep,
        int groupSize,
        int maxStaleness,
        DynamicSamplingSection dynamicSampling,
        double learningRate,
        int warmupSteps,
        Schedule schedule,
        List<Double> betas,
        double weightDecay,
        double gradientClip,
        int epochs,
        int minibatches,
        int microBatchTokens,
        boolean gradientCheckpointing,
        LossSection loss,
        LoraSection lora,
        int checkpointEvery,
        int checkpointKeep,
        int checkpointOptimiserEvery,
        boolean keepBest,
        Duration requestTimeout,
        int mostAttempts,
        MalformedLines malformedLines,
        int threads,
        String device) {
    /** Learning rate after the warm-up. */
    public enum Schedule {
        CONSTANT,
        LINEAR,
        COSINE
    }

    /** What becomes of a data line that cannot be used. */
    public enum MalformedLines {
        FAIL,
        DEAD_LETTER
    }

    public TrainerSection {
        InvalidValue.atLeast(1, "prompts-per-step", promptsPerStep);
        InvalidValue.atLeast(1, "group-size", groupSize);
        InvalidValue.atLeast(0, "max-staleness", maxStaleness);
        InvalidValue.require(
                groupSize > 1 || !dynamicSampling.enabled(),
                "group-size",
                groupSize,
                "a number of at least 2 with trainer.dynamic-sampling: a group of one has equal rewards");
        InvalidValue.positive("learning-rate", learningRate);
        InvalidValue.atLeast(0, "warmup-steps", warmupSteps);
        betas = Betas.checked(betas);
        InvalidValue.notNegative("weight-decay", weightDecay);
        InvalidValue.positive("gradient-clip", gradientClip);
        InvalidValue.atLeast(1, "epochs", epochs);
        InvalidValue.atLeast(1, "minibatches", minibatches);
        InvalidValue.atLeast(1, "micro-batch-tokens", microBatchTokens);
        InvalidValue.atLeast(0, "checkpoint-every", checkpointEvery);
        InvalidValue.atLeast(1, "checkpoint-keep", checkpointKeep);
        InvalidValue.atLeast(1, "checkpoint-optimiser-every", checkpointOptimiserEvery);
        InvalidValue.positive("request-timeout", requestTimeout);
        InvalidValue.atLeast(1, "most-attempts", mostAttempts);
        InvalidValue.atLeast(0, "threads", threads);
        DeviceSetting.requireOwn(device);
    }
}
