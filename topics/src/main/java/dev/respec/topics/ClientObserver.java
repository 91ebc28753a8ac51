package dev.respec.topics;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.streams.KafkaStreams;

/** Is shown Kafka's own clients, to bind their metrics; must not use them otherwise. */
public interface ClientObserver {
    ClientObserver NONE = new ClientObserver() {};

    default void made(Producer<?, ?> producer) {}

    default void made(Consumer<?, ?> consumer) {}

    default void made(ShareConsumer<?, ?> consumer) {}

    default void made(KafkaStreams streams) {}
}
