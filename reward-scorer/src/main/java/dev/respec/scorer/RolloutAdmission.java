package dev.respec.scorer;

import dev.respec.schemas.PackedArrays;
import dev.respec.schemas.PolicySpan;
import dev.respec.schemas.Rollout;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether a rollout is sound, so that it can be counted once and in its group, and trained on. */
final class RolloutAdmission {
    /** A larger group is taken for a broken record: it would be waited for, and kept, whole. */
    static final int LARGEST_GROUP = 65_536;

    private final String runId;

    RolloutAdmission(String runId) {
        this.runId = runId;
    }

    /** Why the record cannot be used; empty if it can. */
    Optional<String> refusal(@Nullable String key, @Nullable Rollout rollout) {
        if (rollout == null) {
            return Optional.of("record has no value; a rollout is never deleted");
        }
        if (!runId.isEmpty() && !rollout.getRunId().equals(runId)) {
            return Optional.of(
                    "rollout '%s' is of run '%s', this scorer serves run '%s': stop that run's workers or set run.id"
                            .formatted(rollout.getRolloutId(), rollout.getRunId(), runId));
        }
        if (!rollout.getRequestId().equals(key)) {
            return Optional.of("key is '%s', expected the request id '%s'".formatted(key, rollout.getRequestId()));
        }
        if (rollout.getGroupSize() < 1 || rollout.getGroupSize() > LARGEST_GROUP) {
            return Optional.of("group size is %d, expected 1 to %d".formatted(rollout.getGroupSize(), LARGEST_GROUP));
        }
        if (rollout.getSampleIndex() < 0 || rollout.getSampleIndex() >= rollout.getGroupSize()) {
            return Optional.of("sample index is %d, expected 0 to %d"
                    .formatted(rollout.getSampleIndex(), rollout.getGroupSize() - 1));
        }
        String expected = GroupLedger.rolloutId(rollout.getRequestId(), rollout.getSampleIndex());
        return rollout.getRolloutId().equals(expected)
                ? misfit(rollout)
                : Optional.of("rollout id is '%s', expected '%s'".formatted(rollout.getRolloutId(), expected));
    }

    /** Arrays that do not fit together would stop whoever trains on them. */
    private static Optional<String> misfit(Rollout rollout) {
        try {
            int prompt = PackedArrays.elements(rollout.getPromptTokens());
            int response = PackedArrays.elements(rollout.getResponseTokens());
            int logProbabilities = PackedArrays.elements(rollout.getLogProbabilities());
            int spans = rollout.getPolicySpans().stream()
                    .mapToInt(PolicySpan::getTokenCount)
                    .sum();
            return prompt > 0 && response == logProbabilities && response == spans
                    ? Optional.empty()
                    : Optional.of("%d prompt tokens, %d response tokens, %d log-probabilities, spans of %d tokens"
                            .formatted(prompt, response, logProbabilities, spans));
        } catch (IllegalArgumentException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
