package dev.respec.learner.state;

import java.util.Map;
import java.util.TreeMap;

/**
 * Everything of the learner but weights, as of the end of a round.
 *
 * @param round rounds finished; a training step event each
 * @param version of the drafter in force; 0 is the one the run started with
 * @param policyVersion teacher of the last round
 * @param offsets one past the last scored rollout that this and earlier rounds account for, by partition
 */
public record LearnerState(
        String runId,
        long round,
        long version,
        long policyVersion,
        Map<Integer, Long> offsets,
        BufferState buffer,
        long rejected,
        int rejectedInARow) {
    public LearnerState {
        offsets = Map.copyOf(new TreeMap<>(offsets));
    }

    public static LearnerState atStart(String runId) {
        return new LearnerState(runId, 0, 0, 0, Map.of(), BufferState.EMPTY, 0, 0);
    }
}
