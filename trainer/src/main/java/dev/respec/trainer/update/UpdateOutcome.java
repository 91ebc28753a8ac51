package dev.respec.trainer.update;

import dev.respec.trainer.loss.LossStatistics;
import java.time.Duration;

/**
 * What an update did.
 *
 * @param loss mean over the optimiser steps
 * @param gradientNorm before clipping, mean over the optimiser steps; 0 without one
 * @param entropy mean over the counted tokens, in nats
 * @param optimiserSteps 0 if no row counted: the weights are unchanged
 * @param microBatches forward and backward passes
 * @param tokens that went through them, prompts included
 * @param computedTokens that the policy was computed for: with what rows were filled up with, or with shared prompts once
 * @param forwardBackward time of all model passes
 * @param optimiser time of the optimiser steps
 */
public record UpdateOutcome(
        LossStatistics statistics,
        double loss,
        double gradientNorm,
        double entropy,
        int optimiserSteps,
        int microBatches,
        long tokens,
        long computedTokens,
        Duration forwardBackward,
        Duration optimiser) {
    /** Whether any row could teach something. */
    public boolean changedWeights() {
        return optimiserSteps > 0;
    }
}
