package dev.respec.learner.pretraining;

import dev.respec.model.eagle3.TrainingTimeTest;
import dev.respec.model.training.AdamWSettings;

/**
 * How a first drafter is distilled.
 *
 * @param steps optimiser steps
 * @param batchTokens prompt and response tokens of a step
 * @param poolSequences sequences kept to be learnt from repeatedly
 * @param repeats how often each sequence is learnt from
 * @param optimiser its learning rate is the peak: reached after warmupSteps, then falling to a tenth along a cosine
 * @param heldOutEvery steps between measurements; 0 measures after the last only
 * @param threads threads an operation may use
 */
public record DrafterPretrainingSettings(
        int steps,
        int batchTokens,
        int poolSequences,
        int repeats,
        int warmupSteps,
        AdamWSettings optimiser,
        TrainingTimeTest test,
        int heldOutEvery,
        int threads) {
    public DrafterPretrainingSettings {
        if (Math.min(Math.min(steps, batchTokens), Math.min(Math.min(poolSequences, repeats), threads)) < 1
                || Math.min(warmupSteps, heldOutEvery) < 0) {
            throw new IllegalArgumentException(
                    "steps, batchTokens, poolSequences, repeats and threads must be positive,"
                            + " warmupSteps and heldOutEvery not negative");
        }
    }

    /** The optimiser of EAGLE-3's public training code, with a learning rate for small models, unrolled as in use. */
    public static DrafterPretrainingSettings forSmallModels(int steps, int threads) {
        return new DrafterPretrainingSettings(
                steps,
                2048,
                1024,
                4,
                Math.min(50, steps / 10),
                new AdamWSettings(3e-3, 0.9, 0.95, 1e-8, 0, 0.5),
                new TrainingTimeTest(5, 0.8),
                50,
                threads);
    }

    /** Prompt and response tokens of all steps; a step ends with a whole sequence, so it takes a little more. */
    long mostTokens() {
        return (long) steps * batchTokens * 5 / 4;
    }

    /** @param step from 1 */
    double learningRate(int step) {
        double peak = optimiser.learningRate();
        if (step <= warmupSteps) {
            return peak * step / warmupSteps;
        }
        double progress = (step - warmupSteps) / (double) Math.max(1, steps - warmupSteps);
        return peak * (0.1 + 0.45 * (1 + Math.cos(Math.PI * progress)));
    }
}
