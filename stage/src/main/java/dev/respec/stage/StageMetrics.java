package dev.respec.stage;

import dev.respec.topics.ClientObserver;
import dev.respec.topics.DeadLetters;
import dev.respec.topics.EventLog;
import dev.respec.topics.QueueBacklog;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import java.lang.reflect.Proxy;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.clients.producer.Producer;

/** What every stage measures: the virtual machine, Kafka's clients (lag among it), dead letters. */
final class StageMetrics implements ClientObserver, AutoCloseable {
    private final MeterRegistry registry;
    private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
    private final Queue<AutoCloseable> closing = new ConcurrentLinkedQueue<>();

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
    public void made(ShareConsumer<?, ?> consumer) {
        bind(new KafkaClientMetrics(metricsOf(consumer)));
    }

    /** The backlog of a queue that the stage takes from, asked for in the background. */
    void watch(QueueBacklog backlog, String topic) {
        var lag = new QueueLag(backlog);
        Gauge.builder("respec.queue.lag", lag, QueueLag::records)
                .description("Records of the queue that are not done with, those in work among them")
                .tag("topic", topic)
                .register(registry);
        closing.add(lag);
    }

    /** The binder knows consumers, and asks them for nothing but their metrics. */
    private static Consumer<?, ?> metricsOf(ShareConsumer<?, ?> share) {
        return (Consumer<?, ?>) Proxy.newProxyInstance(
                StageMetrics.class.getClassLoader(), new Class<?>[] {Consumer.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("metrics")) {
                        throw new UnsupportedOperationException(method.getName());
                    }
                    return share.metrics();
                });
    }

    @Override
    public void close() {
        garbageCollection.close();
        for (var each = closing.poll(); each != null; each = closing.poll()) {
            close(each);
        }
    }

    private static void close(AutoCloseable each) {
        try {
            each.close();
        } catch (Exception e) {
            throw new IllegalStateException(e); // none of them throws
        }
    }

    private void bind(KafkaClientMetrics metrics) {
        metrics.bindTo(registry);
        closing.add(metrics);
    }
}
