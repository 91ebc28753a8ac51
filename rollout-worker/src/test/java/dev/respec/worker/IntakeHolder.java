package dev.respec.worker;

import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** A worker without a model: it holds requests until the test ends them. */
final class IntakeHolder {
    final RequestClaims claims = new RequestClaims();
    final AtomicBoolean engineMoves = new AtomicBoolean(true);
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    final RequestIntake intake;

    /** A worker that is ready, whose claims are durable at once. */
    IntakeHolder(EventLog events, RequestIntake.Room room) {
        this(events, room, () -> CompletableFuture.completedFuture(null));
        intake.ready();
    }

    /** A worker that starts. */
    IntakeHolder(EventLog events, RequestIntake.Room room, Supplier<CompletableFuture<?>> announce) {
        intake = new RequestIntake(
                () -> events.queue(TopicCatalogue.ROLLOUT_REQUESTS, TopicCatalogue.WORKER_GROUP),
                claims,
                announce,
                room,
                engineMoves::get,
                new IntakeMeters(registry, claims::size));
    }

    double count(String name) {
        return registry.counter(name).count();
    }
}
