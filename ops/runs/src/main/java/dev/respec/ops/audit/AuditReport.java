package dev.respec.ops.audit;

import java.util.List;
import java.util.Map;

/**
 * The outcome of {@link RunAudit}.
 *
 * @param open groups neither complete nor declared incomplete
 * @param foreign requests that another client wrote under this run's id: answered, trained on by nobody
 * @param expectedRollouts group sizes summed over the admitted requests
 * @param scoredRollouts distinct rollouts on {@code scored-rollouts}
 * @param duplicatesDropped repeats on {@code rollouts} that did not reach {@code scored-rollouts}
 * @param missingRollouts expected and not scored, those in flight in a run that goes on left out
 * @param trainedRollouts rollouts of groups that entered an update
 * @param droppedGroups groups read and left out of the updates, by reason
 * @param unreadGroups groups scored past the last step's offsets
 * @param stalenessMax trainer version minus the version that sampled a token, over every trained token
 * @param violations one line each; empty if everything holds
 */
public record AuditReport(
        int admitted,
        int complete,
        int incomplete,
        int open,
        int foreign,
        long expectedRollouts,
        long scoredRollouts,
        long duplicatesDropped,
        long missingRollouts,
        long trainedRollouts,
        Map<String, Integer> droppedGroups,
        int unreadGroups,
        long stalenessMax,
        long stalenessBound,
        List<String> violations) {

    public AuditReport {
        droppedGroups = Map.copyOf(droppedGroups);
        violations = List.copyOf(violations);
    }

    public boolean holds() {
        return violations.isEmpty();
    }
}
