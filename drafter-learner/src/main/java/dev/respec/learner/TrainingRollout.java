package dev.respec.learner;

import dev.respec.learner.distillation.RejectedDrafts;
import dev.respec.learner.distillation.TokenSequence;
import dev.respec.learner.state.RecordPosition;
import dev.respec.schemas.DraftSource;
import dev.respec.schemas.EvaluationRequestId;
import dev.respec.schemas.OriginSpan;
import dev.respec.schemas.PackedArrays;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.TokenOrigin;
import dev.respec.topics.Event;
import java.util.List;
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
                new TokenSequence(prompt, response, rejectedDrafts(rollout.getOriginSpans(), response.length)),
                scored.getReward(),
                scored.getAdvantage()));
    }

    /** None if the worker did not record where tokens came from. Other drafters' rejected drafts do not count. */
    private static RejectedDrafts rejectedDrafts(List<OriginSpan> spans, int responseLength) {
        if (spans.stream().mapToInt(OriginSpan::getTokenCount).sum() != responseLength) {
            return RejectedDrafts.NONE;
        }
        var reader = new RejectedDrafts.Reader();
        for (var span : spans) {
            var source = span.getDraftedBy();
            boolean taught = source == DraftSource.EAGLE3_CHAIN || source == DraftSource.EAGLE3_TREE;
            if (taught && span.getOrigin() == TokenOrigin.DRAFTED) {
                reader.accepted(span.getTokenCount());
            } else if (taught && span.getOrigin() == TokenOrigin.RECOVERED) {
                reader.recovered(span.getTokenCount());
            } else {
                reader.others(span.getTokenCount());
            }
        }
        return reader.drafts();
    }
}
