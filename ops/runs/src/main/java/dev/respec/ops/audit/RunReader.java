package dev.respec.ops.audit;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.EvaluationRequestId;
import dev.respec.schemas.PolicyEvaluation;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightUpdate;
import dev.respec.topics.Event;
import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import dev.respec.trainer.admission.RequestMarks;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads what a run left on its topics. */
public final class RunReader {
    private final EventLog events;
    private final String runId;

    public RunReader(EventLog events, String runId) {
        this.events = events;
        this.runId = runId;
    }

    /** Groups admitted and neither scored in full nor declared incomplete; reads no more than it takes to tell. */
    public int openGroups() {
        Map<String, Integer> missing = new HashMap<>();
        for (Event<RolloutRequest> event : events.readAll(TopicCatalogue.ROLLOUT_REQUESTS)) {
            RolloutRequest request = event.requireValue();
            if (request.getRunId().equals(runId) && RequestMarks.areOn(request)) {
                missing.put(request.getRequestId(), request.getGroupSize());
            }
        }
        for (Event<ScoredRollout> event : events.readAll(TopicCatalogue.SCORED_ROLLOUTS)) {
            ScoredRollout scored = event.requireValue();
            missing.computeIfPresent(
                    scored.getRequestId(), (id, left) -> scored.getRollout() == null || left == 1 ? null : left - 1);
        }
        return missing.size();
    }

    /**
     * Everything committed until now. What follows from something is read before it, so that in a run that goes on
     * nothing appears without its cause.
     */
    public RunRecords read() {
        List<AcceptanceStats> acceptance = acceptance();
        List<SpeculationSettings> settings = settings();
        List<TrainingStep> steps = steps();
        List<WeightUpdate> weightUpdates = weightUpdates();
        List<PolicyEvaluation> evaluations = evaluations();
        List<Event<ScoredRollout>> scoredEvents = events.readAll(TopicCatalogue.SCORED_ROLLOUTS).stream()
                .filter(event -> event.requireValue().getRunId().equals(runId))
                .toList();
        List<Event<ScoredRollout>> trained =
                scoredEvents.stream().filter(event -> !isOfAnEvaluation(event)).toList();
        List<ScoredRecord> evaluated =
                scored(scoredEvents.stream().filter(RunReader::isOfAnEvaluation).toList());
        List<SampleRollout> samples =
                SampleRollout.choose(trained.stream().map(Event::requireValue).toList());
        List<ScoredRecord> scored = scored(trained);
        List<PublishedRollout> rollouts = events.readAll(TopicCatalogue.ROLLOUTS).stream()
                .map(Event::requireValue)
                .filter(rollout -> rollout.getRunId().equals(runId) && !EvaluationRequestId.isOn(rollout))
                .map(PublishedRollout::of)
                .toList();
        List<AdmittedRequest> requests = events.readAll(TopicCatalogue.ROLLOUT_REQUESTS).stream()
                .map(Event::requireValue)
                .filter(request ->
                        request.getRunId().equals(runId) && !EvaluationRequestId.isIn(request.getRequestId()))
                .map(AdmittedRequest::of)
                .toList();
        return new RunRecords(
                runId,
                requests,
                rollouts,
                scored,
                steps,
                weightUpdates,
                TrainingTime.of(steps).during(acceptance),
                settings,
                samples,
                new EvaluationRecords(evaluations, evaluated));
    }

    private static boolean isOfAnEvaluation(Event<ScoredRollout> event) {
        return EvaluationRequestId.isIn(event.requireValue().getRequestId());
    }

    private static List<ScoredRecord> scored(List<Event<ScoredRollout>> events) {
        return events.stream()
                .map(event -> ScoredRecord.of(event.partition(), event.offset(), event.requireValue()))
                .toList();
    }

    private List<PolicyEvaluation> evaluations() {
        return events.readAll(TopicCatalogue.EVALUATIONS).stream()
                .map(Event::requireValue)
                .filter(evaluation -> evaluation.getRunId().equals(runId))
                .toList();
    }

    private List<TrainingStep> steps() {
        return events.readAll(TopicCatalogue.TRAINING_STEPS).stream()
                .map(Event::requireValue)
                .filter(step -> step.getRunId().equals(runId))
                .toList();
    }

    private List<WeightUpdate> weightUpdates() {
        return events.readAll(TopicCatalogue.WEIGHT_UPDATES).stream()
                .map(Event::requireValue)
                .filter(update -> update.getRunId().equals(runId))
                .toList();
    }

    /** Also of workers that serve every run, whatever they worked for. */
    private List<AcceptanceStats> acceptance() {
        return events.readAll(TopicCatalogue.ACCEPTANCE_STATS).stream()
                .map(Event::requireValue)
                .filter(stats -> stats.getRunId().isEmpty() || stats.getRunId().equals(runId))
                .toList();
    }

    /** Workers that serve every run get settings without a run. */
    private List<SpeculationSettings> settings() {
        return events.readAll(TopicCatalogue.SD_SETTINGS).stream()
                .map(Event::requireValue)
                .filter(settings ->
                        settings.getRunId().isEmpty() || settings.getRunId().equals(runId))
                .toList();
    }
}
