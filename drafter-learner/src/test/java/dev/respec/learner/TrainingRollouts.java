package dev.respec.learner;

import dev.respec.learner.distillation.TokenSequence;
import dev.respec.learner.state.RecordPosition;

final class TrainingRollouts {
    private TrainingRollouts() {}

    static TrainingRollout of(String requestId, long offset) {
        return scored(requestId, offset, 1, 0);
    }

    static TrainingRollout scored(String requestId, long offset, double reward, double advantage) {
        return new TrainingRollout(
                new RecordPosition(0, offset),
                requestId,
                new TokenSequence(new int[] {1, 2}, new int[] {3, 4, 0}),
                reward,
                advantage);
    }
}
