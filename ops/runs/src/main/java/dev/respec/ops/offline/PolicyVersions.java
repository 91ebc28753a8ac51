package dev.respec.ops.offline;

import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import java.util.Comparator;
import java.util.List;

/** The policy's versions between the steps of a recorded run. A step without signal makes none. */
final class PolicyVersions {
    private PolicyVersions() {}

    /** The version that a step starts from: that of the last recorded step before it, 0 before the first. */
    static long before(List<TrainingStep> recorded, long step) {
        return recorded.stream()
                .filter(each -> each.getRole() == WeightRole.POLICY && each.getStep() < step)
                .max(Comparator.comparingLong(TrainingStep::getStep))
                .map(TrainingStep::getVersion)
                .orElse(0L);
    }
}
