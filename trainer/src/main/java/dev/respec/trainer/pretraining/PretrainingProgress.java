package dev.respec.trainer.pretraining;

import java.time.Duration;
import java.util.OptionalDouble;

/**
 * Where pretraining stands after a step.
 *
 * @param loss of the step's batch, nats a response token
 * @param heldOutLoss if it was measured after this step
 * @param responseTokens trained on so far
 */
public record PretrainingProgress(
        int step,
        int steps,
        double loss,
        OptionalDouble heldOutLoss,
        double learningRate,
        double gradientNorm,
        long responseTokens,
        Duration elapsed) {}
