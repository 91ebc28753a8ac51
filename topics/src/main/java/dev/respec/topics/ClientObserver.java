package dev.respec.topics;

import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/** Is shown Kafka's own clients, to bind their metrics; must not use them otherwise. */
public interface ClientObserver {
    ClientObserver NONE = new ClientObserver() {};

    default void made(Producer<?, ?> producer) {}

    default void made(Consumer<?, ?> consumer) {}

    default void made(ShareConsumer<?, ?> consumer) {}

    /** An application that makes its clients itself; shown by its metrics. */
    default void made(Supplier<Map<MetricName, ? extends Metric>> application) {}
}
