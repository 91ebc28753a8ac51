package dev.respec.worker;

import dev.respec.schemas.Rollout;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.SpeculationSummary;
import dev.respec.schemas.WeightUpdate;
import dev.respec.stage.tracing.TraceContext;
import dev.respec.stage.tracing.TracedSpan;
import dev.respec.stage.tracing.Traces;
import dev.respec.topics.Event;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A worker's part in traces: waiting in the queue, generation, adoption of weights. Owned by the engine's thread. */
final class WorkerTraces {
    private final Traces traces;
    private final String workerId;
    private final Clock clock;

    /** Of the traced requests that are being generated. */
    private final Map<String, TraceContext> requests = new HashMap<>();

    WorkerTraces(Traces traces, String workerId, Clock clock) {
        this.traces = traces;
        this.workerId = workerId;
        this.clock = clock;
    }

    /** The engine has a request from now on. */
    void taken(Event<RolloutRequest> event) {
        TraceContext request = traces.on() ? TraceContext.parse(event.traceparent()) : null;
        if (request != null) {
            requests.put(event.requireValue().getRequestId(), request);
            traces.record(TracedSpan.child(
                    request, "queue", event.timestamp(), clock.instant(), Map.of("respec.worker.id", workerId)));
        }
    }

    /** The header of a rollout that is complete; null if its request is not traced. */
    @Nullable
    String generated(Rollout rollout) {
        TraceContext request = requests.get(rollout.getRequestId());
        if (request == null) {
            return null;
        }
        TraceContext at = request.child("generation " + rollout.getSampleIndex());
        SpeculationSummary speculation = rollout.getSpeculation();
        Map<String, Object> attributes = Map.of(
                "respec.worker.id", workerId,
                "respec.rollout.id", rollout.getRolloutId(),
                "respec.tokens", rollout.getResponseTokens().remaining() / Integer.BYTES,
                "respec.verify.steps", speculation.getVerifySteps(),
                "respec.drafted.tokens", speculation.getDraftedTokens(),
                "respec.accepted.tokens", speculation.getAcceptedDraftTokens(),
                "respec.finish.reason", rollout.getFinishReason().name());
        traces.record(new TracedSpan(
                "generation",
                at,
                request,
                rollout.getTimings().getStartedAt(),
                rollout.getTimings().getFinishedAt(),
                attributes,
                List.of()));
        return at.header();
    }

    /** All rollouts of a request are in the log, or it is refused. */
    void ended(String requestId) {
        requests.remove(requestId);
    }

    /** The engine generates with these weights from now on. */
    void adopted(Event<WeightUpdate> event, Instant begun) {
        TraceContext publication = traces.on() ? TraceContext.parse(event.traceparent()) : null;
        if (publication == null) {
            return;
        }
        WeightUpdate update = event.requireValue();
        traces.record(new TracedSpan(
                "adoption",
                publication.child("adoption " + workerId),
                publication,
                event.timestamp(),
                clock.instant(),
                Map.of(
                        "respec.worker.id",
                        workerId,
                        "respec.policy.version",
                        update.getVersion(),
                        "respec.swap.milliseconds",
                        Duration.between(begun, clock.instant()).toNanos() / 1e6),
                List.of()));
    }
}
