package dev.respec.trainer.pretraining;

import dev.respec.model.training.AdamWSettings;
import dev.respec.trainer.update.LearningRate;

/**
 * How a policy is pretrained.
 *
 * @param steps optimiser steps
 * @param batchTokens padded tokens of an optimiser step
 * @param microBatchTokens padded tokens of one forward pass
 * @param poolExamples examples sorted by length together before they are cut into batches
 * @param learningRate by step
 * @param optimiser its learning rate is replaced by the one of the step
 * @param heldOutEvery steps between two measurements of the held-out loss; 0 measures at the end only
 * @param heldOutExamples examples of a measurement
 * @param seed decides the order of batches
 */
public record PretrainingSettings(
        int steps,
        int batchTokens,
        int microBatchTokens,
        int poolExamples,
        LearningRate learningRate,
        AdamWSettings optimiser,
        int heldOutEvery,
        int heldOutExamples,
        long seed) {
    private static final double PEAK_RATE = 3e-3;
    private static final double FLOOR = 0.03;

    public PretrainingSettings {
        if (steps < 1 || batchTokens < 1 || microBatchTokens < 1 || poolExamples < 1) {
            throw new IllegalArgumentException("steps, tokens and examples must be positive");
        }
        if (heldOutEvery < 0 || heldOutExamples < 1) {
            throw new IllegalArgumentException("held-out loss needs examples and an interval that is not negative");
        }
    }

    /** Settings that the policy of about a million parameters learns the arithmetic task with. */
    public static PretrainingSettings standard(int steps, long seed) {
        return new PretrainingSettings(
                steps,
                4096,
                2560,
                400,
                new LearningRate(PEAK_RATE, 60, steps, LearningRate.Shape.COSINE, FLOOR),
                new AdamWSettings(PEAK_RATE, 0.9, 0.95, 1e-8, 0.01, 1.0),
                100,
                128,
                seed);
    }
}
