package dev.respec.ops.offline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.audit.Runs;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyVersionsTest {
    @Test
    void shouldNotCountStepsWithoutSignal() {
        // Given steps 1 to 5, of which 2 and 3 changed nothing, out of order, and a round of the learner
        TrainingStep learner = step(4, 40);
        learner.setRole(WeightRole.DRAFTER);
        List<TrainingStep> recorded = List.of(step(3, 1), step(1, 1), step(2, 1), learner, step(5, 3), step(4, 2));

        assertThat(PolicyVersions.before(recorded, 1)).isZero();
        assertThat(PolicyVersions.before(recorded, 2)).isEqualTo(1);
        assertThat(PolicyVersions.before(recorded, 4)).isEqualTo(1);
        assertThat(PolicyVersions.before(recorded, 5)).isEqualTo(2);
        assertThat(PolicyVersions.before(recorded, 9)).isEqualTo(3);
    }

    private static TrainingStep step(long number, long version) {
        return Runs.step(number, version, 0, 0, List.of(), List.of());
    }
}
