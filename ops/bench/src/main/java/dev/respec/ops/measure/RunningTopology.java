package dev.respec.ops.measure;

import static java.util.Objects.requireNonNull;

import dev.respec.stage.Stage;
import dev.respec.stage.StageContext;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.ClientObserver;
import dev.respec.topics.EventLog;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.jspecify.annotations.Nullable;

/** A Streams stage in this process, and how many records it has processed. */
final class RunningTopology implements AutoCloseable {
    private final StageContext context;
    private final Thread thread;
    private final AtomicReference<Supplier<Map<MetricName, ? extends Metric>>> metrics;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private RunningTopology(
            Stage stage, StageContext context, AtomicReference<Supplier<Map<MetricName, ? extends Metric>>> metrics) {
        this.context = context;
        this.metrics = metrics;
        this.thread = new Thread(() -> run(stage), "scale-" + stage.name());
    }

    static RunningTopology start(Stage stage, RespecConfig config, EventLog events) {
        var metrics = new AtomicReference<Supplier<Map<MetricName, ? extends Metric>>>(Map::of);
        events.observe(new ClientObserver() {
            @Override
            public void made(Supplier<Map<MetricName, ? extends Metric>> application) {
                metrics.set(application);
            }
        });
        var topology = new RunningTopology(stage, new StageContext(config, events, new SimpleMeterRegistry()), metrics);
        topology.thread.start();
        return topology;
    }

    private void run(Stage stage) {
        try {
            stage.run(context);
        } catch (Throwable e) {
            failure.set(e);
        }
    }

    /** Waits until at least so many records are processed; returns how many are. */
    long awaitProcessed(long count, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        long processed = processed();
        while (processed < count) {
            Throwable failed = failure.get();
            if (failed != null || System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "%s processed %d of %d records".formatted(thread.getName(), processed, count), failed);
            }
            Thread.sleep(2);
            processed = processed();
        }
        return processed;
    }

    private long processed() {
        double total = 0;
        for (Metric metric : requireNonNull(metrics.get()).get().values()) {
            var name = metric.metricName();
            if (name.group().equals("stream-thread-metrics")
                    && name.name().equals("process-total")
                    && metric.metricValue() instanceof Double value) {
                total += value;
            }
        }
        return Math.round(total);
    }

    @Override
    public void close() throws InterruptedException {
        context.stop();
        thread.join(Duration.ofSeconds(30).toMillis());
    }
}
