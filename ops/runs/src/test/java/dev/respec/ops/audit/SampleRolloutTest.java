package dev.respec.ops.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.replay.RecordedRun;
import dev.respec.schemas.ScoredRollout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SampleRolloutTest {
    @Test
    void shouldTakeTheBestAndTheWorstOfTheFirstAndLastGroups() {
        List<ScoredRollout> scored = new ArrayList<>();
        for (int request = 0; request < 6; request++) {
            for (int sample = 0; sample < 2; sample++) {
                scored.add(RecordedRun.scoredRollout(request, sample));
            }
        }

        // Rewards are 0 and the request's number: the first group has one reward only.
        assertThat(SampleRollout.choose(scored))
                .extracting(SampleRollout::rolloutId)
                .containsExactly(
                        "run-1/0/0", "run-1/1/1", "run-1/1/0", "run-1/4/1", "run-1/4/0", "run-1/5/1", "run-1/5/0");
        assertThat(SampleRollout.choose(List.of())).isEmpty();
    }
}
