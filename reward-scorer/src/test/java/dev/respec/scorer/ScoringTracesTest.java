package dev.respec.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.Rollout;
import dev.respec.schemas.ScoredRollout;
import dev.respec.scorer.reward.Arithmetic;
import dev.respec.scorer.reward.RewardFunctions;
import dev.respec.stage.tracing.RecordedTraces;
import dev.respec.stage.tracing.TraceContext;
import dev.respec.topics.TraceHeader;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.Test;

/** Rewards that come later than their rollout. */
class ScoringTracesTest {
    private static final TraceContext GENERATION = TraceContext.root("run/0").child("generation 0");

    private final RecordedTraces recorded = new RecordedTraces();
    private final ScoringTraces traces = new ScoringTraces(recorded);
    private final Rollout rollout = Rollouts.aRollout().build();

    @Test
    void shouldSpanTheTimeFromTheRolloutToItsReward() {
        Instant before = Instant.now();
        traces.await(record());

        assertThat(traces.settled(scored()))
                .isEqualTo(GENERATION.child("scoring").header());
        assertThat(recorded.spans()).singleElement().satisfies(span -> {
            assertThat(span.parent()).isEqualTo(GENERATION);
            assertThat(span.start()).isBetween(before, span.end());
        });
        assertThat(traces.settled(scored())).as("once").isNull();
    }

    @Test
    void shouldRecordNothingOfARewardThatDoesNotCome() {
        traces.await(record());
        traces.forget(rollout);

        assertThat(traces.settled(scored())).isNull();
        assertThat(recorded.spans()).isEmpty();
    }

    private Record<String, Rollout> record() {
        var headers = new RecordHeaders();
        TraceHeader.put(headers, GENERATION.header());
        return new Record<>("run/0", rollout, 0, headers);
    }

    private ScoredRollout scored() {
        try (var guard = new GuardedRewards(Duration.ofSeconds(10), Clock.systemUTC());
                var scorer =
                        new RewardScorer(RewardFunctions.of(List.of(new Arithmetic())), guard, Clock.systemUTC())) {
            return scorer.score(rollout);
        }
    }
}
