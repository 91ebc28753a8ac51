package dev.respec.stage;

import dev.respec.topics.ClientObserver;
import dev.respec.topics.DeadLetters;
import dev.respec.topics.EventLog;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;

/** What every stage measures: the virtual machine, Kafka's clients (lag among it), dead letters. */
final class StageMetrics implements ClientObserver, AutoCloseable {
    private final MeterRegistry registry;
    private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
    private final Queue<KafkaClientMetrics> clients = new ConcurrentLinkedQueue<>();

    private StageMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    static StageMetrics bind(MeterRegistry registry, EventLog events) {
        var metrics = new StageMetrics(registry);
        metrics.garbageCollection.bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        FunctionCounter.builder("respec.dead.letters", events.deadLetters(), DeadLetters::count)
                .description("Records that could not be used")
                .register(registry);
        events.observe(metrics);
        return metrics;
    }

    @Override
    public void made(Producer<?, ?> producer) {
        bind(new KafkaClientMetrics(producer));
    }

    @Override
    public void made(Consumer<?, ?> consumer) {
        bind(new KafkaClientMetrics(consumer));
    }

    @Override
    public void close() {
        garbageCollection.close();
        clients.forEach(KafkaClientMetrics::close);
    }

    private void bind(KafkaClientMetrics metrics) {
        metrics.bindTo(registry);
        clients.add(metrics);
    }
}
