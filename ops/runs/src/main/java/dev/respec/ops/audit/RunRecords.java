package dev.respec.ops.audit;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a run left on its topics, each list in the order of the log.
 *
 * @param rollouts every record of {@code rollouts}, repeats included
 * @param scored every committed record of {@code scored-rollouts}, repeats included
 * @param steps of both roles
 * @param samples a few rollouts with their text
 * @param evaluation what evaluated the policy; none of it is in the other lists
 */
public record RunRecords(
        String runId,
        List<AdmittedRequest> requests,
        List<PublishedRollout> rollouts,
        List<ScoredRecord> scored,
        List<TrainingStep> steps,
        List<WeightUpdate> weightUpdates,
        List<AcceptanceStats> acceptance,
        List<SpeculationSettings> settings,
        List<SampleRollout> samples,
        EvaluationRecords evaluation) {

    public RunRecords {
        requests = List.copyOf(requests);
        rollouts = List.copyOf(rollouts);
        scored = List.copyOf(scored);
        steps = List.copyOf(steps);
        weightUpdates = List.copyOf(weightUpdates);
        acceptance = List.copyOf(acceptance);
        settings = List.copyOf(settings);
        samples = List.copyOf(samples);
    }

    /** The rollouts that were scored, by request. */
    public Map<String, List<PublishedRollout>> scoredByRequest() {
        return scored.stream()
                .filter(record -> record.rollout() != null)
                .collect(Collectors.groupingBy(
                        ScoredRecord::requestId, Collectors.mapping(ScoredRecord::rollout, Collectors.toList())));
    }

    /** The steps of one role, by number. */
    public List<TrainingStep> steps(WeightRole role) {
        return steps.stream()
                .filter(step -> step.getRole() == role)
                .sorted(Comparator.comparingLong(TrainingStep::getStep))
                .toList();
    }
}
