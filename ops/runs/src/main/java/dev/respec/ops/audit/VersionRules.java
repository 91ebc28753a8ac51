package dev.respec.ops.audit;

import dev.respec.schemas.StepMetric;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import java.util.List;

/** Versions rise strictly per role; steps are numbered without a gap. */
final class VersionRules {
    private VersionRules() {}

    static void check(RunRecords records, Violations violations) {
        for (WeightRole role : WeightRole.values()) {
            checkUpdates(role, records, violations);
        }
        for (WeightRole role : WeightRole.values()) {
            checkSteps(RunAudit.distinctSteps(records, role, new Violations()), violations);
        }
    }

    /** A version published again with the same bytes is what a restart leaves; consumers ignore it. */
    private static void checkUpdates(WeightRole role, RunRecords records, Violations violations) {
        WeightUpdate newest = null;
        for (WeightUpdate update : records.weightUpdates()) {
            if (update.getRole() != role) {
                continue;
            }
            boolean repeated = newest != null
                    && update.getVersion() == newest.getVersion()
                    && update.getFiles().equals(newest.getFiles());
            if (newest != null && update.getVersion() <= newest.getVersion() && !repeated) {
                violations.add(
                        "version does not rise",
                        role + " version " + update.getVersion() + " after " + newest.getVersion());
            }
            newest = update;
        }
    }

    private static void checkSteps(List<TrainingStep> steps, Violations violations) {
        for (int i = 1; i < steps.size(); i++) {
            TrainingStep before = steps.get(i - 1);
            TrainingStep step = steps.get(i);
            if (step.getStep() != before.getStep() + 1) {
                violations.add("steps are not numbered without a gap", step.getStep() + " after " + before.getStep());
            }
            boolean learnt = StepMetric.hasSignal(step);
            if (step.getRole() == WeightRole.POLICY && learnt && step.getVersion() == before.getVersion()) {
                violations.add("a step with signal has no version of its own", "step " + step.getStep());
            }
            if (step.getRole() == WeightRole.POLICY && !learnt && step.getVersion() > before.getVersion()) {
                violations.add("a step without signal has a version of its own", "step " + step.getStep());
            }
            if (step.getVersion() < before.getVersion()) {
                violations.add(
                        "a step's version falls",
                        "step " + step.getStep() + " has version " + step.getVersion() + " after "
                                + before.getVersion());
            }
        }
    }
}
