package dev.respec.learner;

import dev.respec.learner.distillation.TokenSequence;
import dev.respec.learner.state.RecordPosition;
import dev.respec.schemas.EvaluationRequestId;
import dev.respec.schemas.PackedArrays;
import dev.respec.schemas.ScoredRollout;
import dev.respec.topics.Event;
import java.util.Optional;

/**
 * A scored rollout as the drafter learns from it.
 *
 * @param position where it stands in the topic of scored rollouts
 */
record TrainingRollout(
        RecordPosition position, String requestId, TokenSequence tokens, double reward, double advantage) {

    /**
     * Nothing if the record only closes an incomplete group, evaluates the policy, or has no position at which a
     * drafter is asked.
     */
    static Optional<TrainingRollout> of(Event<ScoredRollout> event) {
        var scored = event.requireValue();
        var rollout = scored.getRollout();
        if (rollout == null || EvaluationRequestId.isOn(rollout)) {
            return Optional.empty();
        }
        int[] prompt = PackedArrays.toInts(rollout.getPromptTokens());
        int[] response = PackedArrays.toInts(rollout.getResponseTokens());
        if (prompt.length == 0 || response.length < 2) {
            return Optional.empty();
        }
        return Optional.of(new TrainingRollout(
                new RecordPosition(event.partition(), event.offset()),
                scored.getRequestId(),
                new TokenSequence(prompt, response),
                scored.getReward(),
                scored.getAdvantage()));
    }
}
