package dev.respec.trainer;

import dev.respec.schemas.TrustedEvents;
import dev.respec.stage.tracing.Traces;
import dev.respec.topics.EventLog;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.SampleEvents;
import dev.respec.trainer.inflight.InFlightRequests;
import dev.respec.trainer.inflight.Patience;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.OptionalLong;

/** What the trainer does about requests in flight, without training: publishes them and follows who holds them. */
public final class FollowedRequests implements AutoCloseable {
    static {
        TrustedEvents.trust(); // builders fill in defaults
    }

    private final EventProducer producer;
    private final InFlightRequests inFlight = new InFlightRequests(Patience.STANDARD);
    private final WorkerFollower follower;

    public FollowedRequests(EventLog events) {
        producer = events.producer();
        follower = new WorkerFollower(
                events, new SimpleMeterRegistry(), inFlight, new StepTraces(Traces.OFF, "run"), "run");
        inFlight.resultsKnown();
        follower.start();
    }

    public void publish(String id) {
        var request = SampleEvents.request(id, 0).setAdmittedAt(Instant.now()).build();
        var written = producer.sendAndWait(TopicCatalogue.ROLLOUT_REQUESTS, id, request);
        inFlight.published(request, OptionalLong.of(written.offset()));
    }

    @Override
    public void close() {
        follower.close();
        producer.close();
    }
}
