package dev.respec.topics;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;

/** Is shown Kafka's own clients, to bind their metrics; must not use them otherwise. */
public interface ClientObserver {
    ClientObserver NONE = new ClientObserver() {
        @Override
        public void made(Producer<?, ?> producer) {}

        @Override
        public void made(Consumer<?, ?> consumer) {}
    };

    void made(Producer<?, ?> producer);

    void made(Consumer<?, ?> consumer);
}
