package dev.respec.streams;

import dev.respec.stage.StageContext;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.streams.Topology;

/** Runs a topology as a stage. */
public final class StreamsStage {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration CHECK_INTERVAL = Duration.ofMillis(500);

    private StreamsStage() {}

    /**
     * Runs the topology until the stage shall end; the stage is ready once its tasks run.
     *
     * @throws dev.respec.streams.StreamsFailedException if its threads die again and again
     */
    public static void run(StageContext context, Topology topology, Map<String, Object> settings)
            throws InterruptedException {
        try (var streams = new StreamsRunner(topology, settings, CLOSE_TIMEOUT);
                var metrics = new KafkaStreamsMetrics(streams.application())) {
            metrics.bindTo(context.metrics());
            context.events().observer().made(streams::metrics);
            streams.start(START_TIMEOUT);
            while (!context.stopping()) {
                streams.check();
                if (streams.running()) {
                    context.ready();
                }
                context.awaitStop(CHECK_INTERVAL);
            }
        }
    }
}
