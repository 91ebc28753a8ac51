package dev.respec.scorer;

import dev.respec.ops.simulation.SimulatedCluster;
import dev.respec.schemas.ScoredRollout;
import dev.respec.stage.tracing.Traces;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * The scorer's own processor over one partition, under exactly-once: offset, stores and output are committed together or
 * not at all.
 */
public final class SimulatedScorer {
    /** Where a rollout lies. */
    private record Origin(String topic, int partition, long offset) implements RecordMetadata {}

    private final SimulatedCluster cluster;
    private final RewardScorer rewards;
    private final ScoringPolicy policy;
    private final int partition;
    private final MemoryStore<GroupState> open = new MemoryStore<>(RewardScorerTopology.OPEN_GROUPS);
    private final MemoryStore<GroupState> closed = new MemoryStore<>(RewardScorerTopology.CLOSED_GROUPS);
    private final MemoryStore<ScoredRollout> pending = new MemoryStore<>(RewardScorerTopology.PENDING_ROLLOUTS);
    private final ScorerMetrics metrics = new ScorerMetrics(new SimpleMeterRegistry());
    private TaskContext context;
    private GroupCollector processor;
    private long committed;
    private long position;

    public SimulatedScorer(SimulatedCluster cluster, RewardScorer rewards, int partition) {
        this.cluster = cluster;
        this.rewards = rewards;
        this.policy = new ScoringPolicy(
                SimulatedCluster.RUN, Duration.ofSeconds(2 + cluster.random.nextInt(20)), Duration.ofDays(1));
        this.partition = partition;
        this.context = newContext();
        this.processor = newProcessor();
    }

    private TaskContext newContext() {
        Map<String, StateStore> stores = Map.of(open.name(), open, closed.name(), closed, pending.name(), pending);
        return new TaskContext(stores, cluster.clock());
    }

    private GroupCollector newProcessor() {
        GroupCollector collector =
                new GroupCollector(rewards, policy, metrics, (topic, rollout) -> new byte[0], "rollouts", Traces.OFF);
        collector.init(context);
        return collector;
    }

    /** Processes some records, looks at the time, and commits now and then. */
    public void step() {
        cluster.rollouts.read(partition, position, cluster.random).forEach(event -> {
            context.reading(new Origin(event.topic(), event.partition(), event.offset()));
            processor.process(
                    new Record<>(event.key(), event.value(), event.timestamp().toEpochMilli()));
            position = event.offset() + 1;
        });
        context.punctuate();
        cluster.mayDie(0.04);
        if (cluster.random.nextBoolean()) {
            commit();
        }
    }

    private void commit() {
        open.commit();
        closed.commit();
        pending.commit();
        committed = position;
        List<TaskContext.Forwarded> output = context.drain();
        for (TaskContext.Forwarded forwarded : output) {
            if (forwarded.record().value() instanceof ScoredRollout scored) {
                cluster.scored.append(scored.getRequestId(), scored, cluster.now());
            } else {
                throw new AssertionError("dead letter in a simulation without poison: " + forwarded);
            }
        }
        if (!output.isEmpty()) {
            cluster.scored.skip(partition, 1);
        }
    }

    /** The transaction under way is aborted; what it wrote takes offsets and is seen by nobody. */
    public void crash() {
        cluster.scored.skip(partition, context.drain().size());
        open.rollBack();
        closed.rollBack();
        pending.rollBack();
        position = committed;
        context = newContext();
        processor = newProcessor();
    }

    public boolean idle() {
        return committed == cluster.rollouts.end(partition)
                && open.approximateNumEntries() == 0
                && position == committed;
    }
}
