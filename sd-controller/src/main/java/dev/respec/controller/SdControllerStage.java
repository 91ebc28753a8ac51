package dev.respec.controller;

import dev.respec.stage.BadInputException;
import dev.respec.stage.Stage;
import dev.respec.stage.StageContext;
import dev.respec.stage.config.RespecConfig;
import dev.respec.streams.DeadLetterHandler;
import dev.respec.streams.StreamsStage;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.EventLog;
import dev.respec.topics.Topic;
import dev.respec.topics.TopicCatalogue;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** The speculation controller as a stage: runs {@link SdControllerTopology} until asked to stop. */
public final class SdControllerStage implements Stage {
    @Override
    public String name() {
        return SdControllerTopology.NAME;
    }

    @Override
    public void run(StageContext context) throws InterruptedException {
        verifyOnePartition(context.events());
        var topology =
                new SdControllerTopology(context.events(), context.config().controller(), context.metrics());
        StreamsStage.run(context, topology.topology(), settings(context));
    }

    /** With more, a task would decide on a part of the workers. */
    private static void verifyOnePartition(EventLog events) {
        for (Topic<?> topic : List.of(TopicCatalogue.ACCEPTANCE_STATS, TopicCatalogue.COST_PROFILES)) {
            try (var consumer = events.consumer(topic, ConsumerMode.fromEnd())) {
                int partitions = consumer.endOffsets().size();
                if (partitions != 1) {
                    throw new BadInputException(
                            "topic %s has %d partitions, the controller needs 1: create it again with 'respec topics'"
                                    .formatted(events.topicName(topic), partitions));
                }
            }
        }
    }

    private static Map<String, Object> settings(StageContext context) {
        RespecConfig config = context.config();
        Map<String, Object> settings = DeadLetterHandler.settings(context.events(), SdControllerTopology.NAME);
        settings.putIfAbsent(StreamsConfig.GROUP_PROTOCOL_CONFIG, "classic");
        settings.putIfAbsent(
                StreamsConfig.COMMIT_INTERVAL_MS_CONFIG,
                config.controller().commitInterval().toMillis());
        // nothing is written there: the stores are in memory
        settings.putIfAbsent(
                StreamsConfig.STATE_DIR_CONFIG,
                config.run().dataDir().resolve("controller").toString());
        settings.putIfAbsent(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        settings.putIfAbsent(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 10_000);
        settings.putIfAbsent(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 0);
        return settings;
    }
}
