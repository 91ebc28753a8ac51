package dev.respec.ops.audit;

import dev.respec.schemas.SourceOffsets;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import dev.respec.trainer.admission.DroppedRequest;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the policy's steps did with the groups they read.
 *
 * @param usedBy request id to the trainer's version when the group entered an update
 * @param dropped request id to the reason it was left out
 * @param readUpTo partition of {@code scored-rollouts} to one past the last offset read
 */
record TrainingUse(Map<String, Long> usedBy, Map<String, String> dropped, Map<Integer, Long> readUpTo) {
    static TrainingUse of(RunRecords records, Violations violations) {
        Map<String, Long> usedBy = new HashMap<>();
        Map<String, String> dropped = new HashMap<>();
        Map<Integer, Long> readUpTo = new HashMap<>();
        long version = 0;
        for (TrainingStep step : RunAudit.distinctSteps(records, WeightRole.POLICY, violations)) {
            for (String id : step.getRequestIds()) {
                if (usedBy.putIfAbsent(id, version) != null) {
                    violations.add("group trained on twice", id + " in step " + step.getStep());
                }
            }
            for (String entry : step.getDroppedRequestIds()) {
                DroppedRequest drop = DroppedRequest.parse(entry);
                String before = dropped.putIfAbsent(drop.requestId(), drop.reason());
                if (before != null && !before.equals(DroppedRequest.TIMED_OUT)) {
                    violations.add("group dropped twice", drop.requestId() + " in step " + step.getStep());
                }
            }
            for (SourceOffsets offsets : step.getSourceOffsets()) {
                readUpTo.merge(offsets.getPartition(), offsets.getToOffset(), Math::max);
            }
            version = step.getVersion();
        }
        return new TrainingUse(usedBy, dropped, readUpTo);
    }

    Map<String, Integer> droppedByReason() {
        Map<String, Integer> counts = new TreeMap<>();
        dropped.values().forEach(reason -> counts.merge(reason, 1, Integer::sum));
        return counts;
    }
}
