package dev.respec.scorer;

import dev.respec.schemas.Rollout;
import dev.respec.schemas.ScoredRollout;
import dev.respec.stage.tracing.TraceContext;
import dev.respec.stage.tracing.TracedSpan;
import dev.respec.stage.tracing.Traces;
import dev.respec.topics.TraceHeader;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * The spans of scoring, for rollouts that are traced. Owned by one stream thread; pending spans are lost at a restart.
 */
final class ScoringTraces {
    /** Of groups that end before their rewards come, nobody asks for the entries. */
    private static final int MOST_WAITING = 10_000;

    private record Begun(TraceContext generation, Instant at) {}

    private final Traces traces;
    private final Map<String, Begun> waiting = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Begun> eldest) {
            return size() > MOST_WAITING;
        }
    };

    ScoringTraces(Traces traces) {
        this.traces = traces;
    }

    /** The context for what follows the scoring; null unless the rollout is traced. */
    @Nullable
    String scored(Record<String, Rollout> record, ScoredRollout scored, long begunNanos) {
        TraceContext generation = generation(record);
        // the stream's clock stands still while a record is processed
        return generation == null
                ? null
                : record(new Begun(generation, Instant.now().minusNanos(System.nanoTime() - begunNanos)), scored);
    }

    /** The rollout's reward comes later. */
    void await(Record<String, Rollout> record) {
        TraceContext generation = generation(record);
        if (generation != null) {
            waiting.put(record.value().getRolloutId(), new Begun(generation, Instant.now()));
        }
    }

    /** The reward that was waited for has come. */
    @Nullable
    String settled(ScoredRollout scored) {
        Begun begun = waiting.remove(scored.getRollout().getRolloutId());
        return begun == null ? null : record(begun, scored);
    }

    /** The reward that was waited for does not come. */
    void forget(Rollout rollout) {
        waiting.remove(rollout.getRolloutId());
    }

    private @Nullable TraceContext generation(Record<String, Rollout> record) {
        return traces.on() ? TraceContext.parse(TraceHeader.of(record.headers())) : null;
    }

    private String record(Begun begun, ScoredRollout scored) {
        TracedSpan scoring = TracedSpan.child(
                begun.generation(),
                "scoring",
                begun.at(),
                Instant.now(),
                Map.of(
                        "respec.rollout.id", scored.getRollout().getRolloutId(),
                        "respec.reward", scored.getReward(),
                        "respec.reward.function", scored.getRewardFunction()));
        traces.record(scoring);
        return scoring.at().header();
    }
}
