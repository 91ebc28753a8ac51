package dev.respec.worker;

import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/** A worker without a model: it holds requests until the test ends them. */
final class IntakeHolder {
    final RequestClaims claims = new RequestClaims();
    final AtomicBoolean engineMoves = new AtomicBoolean(true);
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    final RequestIntake intake;

    IntakeHolder(EventLog events, RequestIntake.Room room) {
        intake = new RequestIntake(
                () -> events.queue(TopicCatalogue.ROLLOUT_REQUESTS, TopicCatalogue.WORKER_GROUP),
                claims,
                () -> CompletableFuture.completedFuture(null),
                room,
                engineMoves::get,
                new IntakeMeters(registry, claims::size));
    }

    double count(String name) {
        return registry.counter(name).count();
    }
}
