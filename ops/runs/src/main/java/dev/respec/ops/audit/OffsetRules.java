package dev.respec.ops.audit;

import dev.respec.schemas.SourceOffsets;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import java.util.HashMap;
import java.util.Map;

/** The steps of each role read every offset of {@code scored-rollouts} once: each starts where the one before ended. */
final class OffsetRules {
    private OffsetRules() {}

    static void check(RunRecords records, Violations violations) {
        for (WeightRole role : WeightRole.values()) {
            check(role, records, violations);
        }
    }

    private static void check(WeightRole role, RunRecords records, Violations violations) {
        Map<String, Long> next = new HashMap<>();
        // two different steps with one number are told once, where the policy's use of groups is judged
        Violations unequalSteps = role == WeightRole.POLICY ? new Violations() : violations;
        for (TrainingStep step : RunAudit.distinctSteps(records, role, unequalSteps)) {
            for (SourceOffsets offsets : step.getSourceOffsets()) {
                String partition = offsets.getTopic() + "-" + offsets.getPartition();
                String where = (role == WeightRole.POLICY ? "step " : "round ") + step.getStep() + ", " + partition
                        + " [" + offsets.getFromOffset() + ", " + offsets.getToOffset() + ")";
                Long expected = next.put(partition, offsets.getToOffset());
                if (expected == null) {
                    checkNothingBefore(records, offsets, where, violations);
                } else if (offsets.getFromOffset() > expected) {
                    violations.add("offsets skipped", where + " after " + expected);
                } else if (offsets.getFromOffset() < expected) {
                    violations.add("offsets read twice", where + " after " + expected);
                }
                if (offsets.getToOffset() < offsets.getFromOffset()) {
                    violations.add("offsets run backwards", where);
                }
            }
        }
    }

    /** The first step may start past 0 only where no record of this run lies before. */
    private static void checkNothingBefore(
            RunRecords records, SourceOffsets first, String where, Violations violations) {
        records.scored().stream()
                .filter(record -> record.partition() == first.getPartition() && record.offset() < first.getFromOffset())
                .findFirst()
                .ifPresent(record -> violations.add("offsets skipped", where + " leaves out " + record.offset()));
    }
}
