package dev.respec.ops.replay;

import dev.respec.topics.RecordedLog.Recorded;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which records of a run are replayed. A record that lacks what is asked for is left out, except that those of topics
 * without a run belong to every run, and those without a step to the steps in whose time they were written.
 *
 * @param versions policy versions, one of which has made the record; null for any
 * @param requestIds null for any
 * @param steps null for any
 */
public record Selection(
        String runId,
        @Nullable NumberSpan versions,
        @Nullable Set<String> requestIds,
        @Nullable StepSpan steps) {
    public Selection {
        requestIds = requestIds == null ? null : Set.copyOf(requestIds);
    }

    /** All records of a run. */
    public static Selection of(String runId) {
        return new Selection(runId, null, null, null);
    }

    boolean takes(Recorded<?> recorded) {
        RecordFacts facts = RecordFacts.of(recorded.event().value());
        if (facts.runId() != null && !facts.runId().equals(runId)) {
            return false;
        }
        if (versions != null && (facts.versions() == null || !versions.meets(facts.versions()))) {
            return false;
        }
        if (requestIds != null && (facts.requestId() == null || !requestIds.contains(facts.requestId()))) {
            return false;
        }
        return steps == null || steps.takes(facts, recorded.event().timestamp());
    }
}
