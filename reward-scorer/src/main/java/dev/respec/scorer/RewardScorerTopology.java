package dev.respec.scorer;

import dev.respec.schemas.Rollout;
import dev.respec.stage.tracing.Traces;
import dev.respec.topics.EventLog;
import dev.respec.topics.Topic;
import dev.respec.topics.TopicCatalogue;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * {@code rollouts} → collect groups → {@code scored-rollouts}, {@code dead-letters}. Under {@code exactly_once_v2} every
 * rollout id has exactly one effect, whatever the workers repeat and wherever the scorer crashes.
 */
public final class RewardScorerTopology {
    static final String NAME = "reward-scorer";
    static final String ROLLOUTS = "rollouts";
    static final String COLLECT_GROUPS = "collect-groups";
    static final String SCORED_ROLLOUTS = "scored-rollouts";
    static final String DEAD_LETTERS = "dead-letters";
    static final String OPEN_GROUPS = "open-groups";
    static final String CLOSED_GROUPS = "closed-groups";
    static final String PENDING_ROLLOUTS = "pending-rollouts";

    /** A pending rollout may be as large as a rollout. */
    private static final Map<String, String> CHANGELOG = Map.of("max.message.bytes", "16777216");

    private final EventLog events;
    private final RewardScorer scorer;
    private final ScoringPolicy policy;
    private final ScorerMetrics metrics;
    private final Traces traces;

    public RewardScorerTopology(
            EventLog events, RewardScorer scorer, ScoringPolicy policy, MeterRegistry registry, Traces traces) {
        this.events = events;
        this.scorer = scorer;
        this.policy = policy;
        this.metrics = new ScorerMetrics(registry);
        this.traces = traces;
    }

    public Topology topology() {
        Serde<Rollout> rollouts = events.serde(TopicCatalogue.ROLLOUTS);
        var topology = new Topology();
        topology.addSource(
                ROLLOUTS, new StringDeserializer(), rollouts.deserializer(), events.topicName(TopicCatalogue.ROLLOUTS));
        String topicName = events.topicName(TopicCatalogue.ROLLOUTS);
        topology.addProcessor(
                COLLECT_GROUPS,
                () -> new GroupCollector(scorer, policy, metrics, rollouts.serializer(), topicName, traces),
                ROLLOUTS);
        topology.addStateStore(store(OPEN_GROUPS, GroupState.serde()), COLLECT_GROUPS);
        topology.addStateStore(store(CLOSED_GROUPS, GroupState.serde()), COLLECT_GROUPS);
        topology.addStateStore(store(PENDING_ROLLOUTS, events.serde(TopicCatalogue.SCORED_ROLLOUTS)), COLLECT_GROUPS);
        addSink(topology, SCORED_ROLLOUTS, TopicCatalogue.SCORED_ROLLOUTS);
        addSink(topology, DEAD_LETTERS, TopicCatalogue.DEAD_LETTERS);
        return topology;
    }

    private static <V> StoreBuilder<KeyValueStore<String, V>> store(String name, Serde<V> serde) {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), Serdes.String(), serde)
                .withLoggingEnabled(CHANGELOG)
                .withCachingDisabled();
    }

    private <V extends SpecificRecord> void addSink(Topology topology, String name, Topic<V> topic) {
        topology.addSink(
                name,
                events.topicName(topic),
                new StringSerializer(),
                events.serde(topic).serializer(),
                COLLECT_GROUPS);
    }
}
