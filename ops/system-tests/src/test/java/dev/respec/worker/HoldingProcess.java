package dev.respec.worker;

import dev.respec.generation.EngineClass;
import dev.respec.model.decoding.ComputeType;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.TrustedEvents;
import dev.respec.schemas.registry.RegistryConfig;
import dev.respec.speculation.Setting;
import dev.respec.topics.ClusterConfig;
import dev.respec.topics.Event;
import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A worker without a model, in a process of its own: it takes requests, says which, and never answers one. A byte on its
 * standard input hangs its engine's thread for ever.
 */
public final class HoldingProcess {
    private static final Duration LIFE = Duration.ofMinutes(5);

    private HoldingProcess() {}

    /** Arguments: bootstrap servers, prefix, registry, worker id, most requests. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        TrustedEvents.trust();
        var config = new ClusterConfig(arguments[0], arguments[1], Map.of(), RegistryConfig.of(arguments[2]));
        int most = Integer.parseInt(arguments[4]);
        var registry = new SimpleMeterRegistry();
        var claims = new RequestClaims();
        try (EventLog events = new EventLog(config, arguments[3]);
                var producer = events.producer();
                var heartbeat = new WorkerHeartbeat(
                        new WorkerReports.Identity(
                                "run",
                                arguments[3],
                                "model",
                                new EngineClass("processor", 1, "none", ComputeType.FLOAT32, 1, List.of())),
                        claims,
                        producer,
                        new WorkerMeters(registry),
                        Duration.ofMillis(500),
                        moved(),
                        Clock.systemUTC());
                var intake = new RequestIntake(
                        () -> events.queue(TopicCatalogue.ROLLOUT_REQUESTS, TopicCatalogue.WORKER_GROUP),
                        claims,
                        heartbeat::send,
                        new RequestIntake.Room(most, most),
                        () -> heartbeat.engineSilence().compareTo(Duration.ofSeconds(5)) < 0,
                        new IntakeMeters(registry, claims::size))) {
            heartbeat.ready();
            intake.ready();
            long end = System.nanoTime() + LIFE.toNanos();
            while (System.in.available() == 0 && System.nanoTime() < end) {
                heartbeat.advance(moved());
                Event<RolloutRequest> event = intake.next(Duration.ofMillis(20));
                if (event != null) {
                    System.out.println("took " + event.requireValue().getRequestId());
                }
            }
            System.out.println("hangs");
            Thread.sleep(LIFE.toMillis());
        }
    }

    private static WorkerHeartbeat.Progress moved() {
        return new WorkerHeartbeat.Progress(System.nanoTime(), 0, 0, 0, 0, Setting.OFF, 0, 0);
    }
}
