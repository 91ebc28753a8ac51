package dev.respec.controller;

import dev.respec.stage.config.ControllerSection;
import dev.respec.topics.EventLog;
import dev.respec.topics.Topic;
import dev.respec.topics.TopicCatalogue;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * {@code acceptance-stats}, {@code cost-profiles} → decide → {@code sd-settings}. Both sources have one partition, so
 * one task sees every worker of a model. At least once: a repeated interval weighs twice for some seconds.
 */
final class SdControllerTopology {
    static final String NAME = "sd-controller";
    static final String ACCEPTANCE_STATS = "acceptance-stats";
    static final String COST_PROFILES = "cost-profiles";
    static final String DECIDE = "decide";
    static final String SD_SETTINGS = "sd-settings";

    /** Store: key of {@code sd-settings} to the newest costs. */
    static final String COSTS = "costs";

    /** Store: key of {@code sd-settings} to the table in force. */
    static final String IN_FORCE = "in-force";

    private final EventLog events;
    private final ControllerSection config;
    private final ControllerMetrics metrics;

    SdControllerTopology(EventLog events, ControllerSection config, MeterRegistry registry) {
        this.events = events;
        this.config = config;
        this.metrics = new ControllerMetrics(registry);
    }

    Topology topology() {
        var topology = new Topology();
        addSource(topology, ACCEPTANCE_STATS, TopicCatalogue.ACCEPTANCE_STATS);
        addSource(topology, COST_PROFILES, TopicCatalogue.COST_PROFILES);
        topology.addProcessor(DECIDE, () -> new SettingsProcessor(config, metrics), ACCEPTANCE_STATS, COST_PROFILES);
        topology.addStateStore(store(COSTS, TopicCatalogue.COST_PROFILES), DECIDE);
        topology.addStateStore(store(IN_FORCE, TopicCatalogue.SD_SETTINGS), DECIDE);
        topology.addSink(
                SD_SETTINGS,
                events.topicName(TopicCatalogue.SD_SETTINGS),
                new StringSerializer(),
                events.serde(TopicCatalogue.SD_SETTINGS).serializer(),
                DECIDE);
        return topology;
    }

    private void addSource(Topology topology, String name, Topic<?> topic) {
        topology.addSource(name, new StringDeserializer(), events.serde(topic).deserializer(), events.topicName(topic));
    }

    /** In memory: one entry a model, restored from its changelog. */
    private <V extends SpecificRecord> StoreBuilder<KeyValueStore<String, V>> store(String name, Topic<V> topic) {
        return Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), Serdes.String(), events.serde(topic))
                .withCachingDisabled();
    }
}
