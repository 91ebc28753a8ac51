package dev.respec.trainer;

import dev.respec.schemas.RolloutPurpose;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.StepMetric;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightUpdate;
import dev.respec.stage.tracing.TraceContext;
import dev.respec.stage.tracing.TracedSpan;
import dev.respec.stage.tracing.Traces;
import dev.respec.topics.Event;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The trainer's part in traces. A request has a trace of its own, which ends where its group enters a step; a step has
 * one as well, with links to the groups that it trained on, and the publication of its weights continues in it.
 *
 * <p>Except for {@link #request}, the trainer's thread owns it.
 */
final class StepTraces {
    /** Traced groups that have arrived and entered no step; a dropped one is forgotten when it is the oldest. */
    private static final int MOST_GROUPS = 10_000;

    private final Traces traces;
    private final String runId;
    private final Map<String, Arrived> groups = new LinkedHashMap<>();

    /** Where a traced group's scoring ended. */
    private record Arrived(TraceContext scoring, Instant at) {}

    /** When the parts of a step began and ended. */
    record Times(Instant collected, Instant updated, Instant published) {}

    StepTraces(Traces traces, String runId) {
        this.traces = traces;
        this.runId = runId;
    }

    boolean on() {
        return traces.on();
    }

    /** The header of a request that is sent; null if it is not traced. */
    @Nullable
    String request(RolloutRequest request) {
        if (!traces.on() || request.getPurpose() == RolloutPurpose.EVALUATION) {
            return null;
        }
        TraceContext context = traces.request(request.getRequestId());
        return context == null ? null : context.header();
    }

    /** A request is in the log. */
    void sent(RolloutRequest request, @Nullable String header, Instant begun, Instant ended) {
        TraceContext context = TraceContext.parse(header);
        if (context != null) {
            traces.record(new TracedSpan(
                    "request",
                    context,
                    null,
                    begun,
                    ended,
                    Map.of(
                            "respec.request.id", request.getRequestId(),
                            "respec.prompt.id", request.getPromptId(),
                            "respec.group.size", request.getGroupSize(),
                            "respec.policy.version", request.getAdmittedAtVersion()),
                    List.of()));
        }
    }

    /** Of a group, the last record counts. */
    void arrived(Event<ScoredRollout> record) {
        TraceContext scoring = traces.on() ? TraceContext.parse(record.traceparent()) : null;
        if (scoring != null) {
            groups.put(record.requireValue().getRequestId(), new Arrived(scoring, record.timestamp()));
            if (groups.size() > MOST_GROUPS) {
                groups.remove(groups.keySet().iterator().next());
            }
        }
    }

    /** The header of a step's weights; null if nothing is traced. */
    @Nullable
    String publication(WeightUpdate update) {
        return traces.on() && update.getStep() > 0
                ? publication(step(update.getStep())).header()
                : null;
    }

    private TraceContext step(long step) {
        return TraceContext.root(runId + " step " + step);
    }

    private static TraceContext publication(TraceContext step) {
        return step.child("publication");
    }

    /** A step is done and published. */
    void trained(TrainingStep step, Times times) {
        if (!traces.on()) {
            return;
        }
        TraceContext at = step(step.getStep());
        List<TraceContext> assembled = new ArrayList<>();
        for (String requestId : step.getRequestIds()) {
            Arrived arrived = groups.remove(requestId);
            if (arrived != null) {
                assembled.add(assembled(arrived, times.collected(), at));
            }
        }
        Map<String, Object> attributes = Map.of(
                "respec.step", step.getStep(),
                "respec.policy.version", step.getVersion(),
                "respec.groups", step.getRequestIds().size(),
                "respec.reward.mean", StepMetric.REWARD_MEAN.of(step));
        traces.record(new TracedSpan("step", at, null, times.collected(), times.published(), attributes, assembled));
        if (StepMetric.hasSignal(step)) {
            traces.record(new TracedSpan(
                    "publication",
                    publication(at),
                    at,
                    times.updated(),
                    times.published(),
                    Map.of("respec.policy.version", step.getVersion()),
                    List.of()));
        }
    }

    private TraceContext assembled(Arrived arrived, Instant collected, TraceContext step) {
        TraceContext at = arrived.scoring().child("assembly");
        traces.record(
                new TracedSpan("assembly", at, arrived.scoring(), arrived.at(), collected, Map.of(), List.of(step)));
        return at;
    }
}
