package dev.respec.learner.pretraining;

import dev.respec.model.eagle3.DistillationSums;
import java.time.Duration;
import java.util.Optional;

/**
 * Where pretraining stands after a step.
 *
 * @param loss Σ decay^j · mean cross-entropy of pass j on the step's batch, in nats
 * @param heldOut measured after this step, if it was; its acceptance length is the one to expect at temperature 1
 * @param tokens prompt and response tokens trained on so far
 */
public record DrafterPretrainingProgress(
        int step,
        int steps,
        double loss,
        Optional<DistillationSums> heldOut,
        double learningRate,
        double gradientNorm,
        long tokens,
        Duration elapsed) {}
