package dev.respec.trainer.update;

import dev.respec.trainer.loss.LossSettings;
import dev.respec.trainer.loss.Reduction;

/**
 * Settings of {@link PolicyUpdate}.
 *
 * @param epochs passes over a step's rows
 * @param minibatches optimiser steps of a pass
 * @param microBatchTokens most tokens that one forward pass computes, padding included
 * @param longestResponse most response tokens a rollout may have
 * @param seed decides which rows make a minibatch
 */
public record UpdateSettings(
        LossSettings loss,
        Reduction reduction,
        int epochs,
        int minibatches,
        int microBatchTokens,
        int longestResponse,
        long seed) {
    public UpdateSettings {
        if (epochs < 1 || minibatches < 1 || microBatchTokens < 1 || longestResponse < 1) {
            throw new IllegalArgumentException("epochs, minibatches and token counts must be positive");
        }
    }

    /** Whether weights change between the first and the last use of a row. */
    boolean severalUpdates() {
        return epochs * minibatches > 1;
    }
}
