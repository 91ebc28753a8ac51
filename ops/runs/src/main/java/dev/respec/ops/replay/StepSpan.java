package dev.respec.ops.replay;

import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import dev.respec.stage.BadInputException;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Steps of the trainer, with the requests they trained on and the time they took.
 *
 * @param from begin of the first step
 * @param to end of the last
 */
public record StepSpan(NumberSpan steps, Set<String> requestIds, Instant from, Instant to) {
    public StepSpan {
        requestIds = Set.copyOf(requestIds);
    }

    /**
     * Finds what the steps did.
     *
     * @param recorded all steps of the run
     * @throws BadInputException if none of them is among the steps asked for
     */
    static StepSpan of(NumberSpan steps, List<TrainingStep> recorded) {
        List<TrainingStep> policy = recorded.stream()
                .filter(step -> step.getRole() == WeightRole.POLICY)
                .toList();
        List<TrainingStep> chosen =
                policy.stream().filter(step -> steps.holds(step.getStep())).toList();
        if (chosen.isEmpty()) {
            long last = policy.stream().mapToLong(TrainingStep::getStep).max().orElse(0);
            throw new BadInputException("--step: the run has no such step, its last is " + last);
        }
        Set<String> requests = new HashSet<>();
        chosen.forEach(step -> requests.addAll(step.getRequestIds()));
        return new StepSpan(
                steps,
                requests,
                chosen.stream()
                        .map(TrainingStep::getStartedAt)
                        .min(Comparator.naturalOrder())
                        .orElseThrow(),
                chosen.stream()
                        .map(TrainingStep::getFinishedAt)
                        .max(Comparator.naturalOrder())
                        .orElseThrow());
    }

    boolean takes(RecordFacts facts, Instant writtenAt) {
        if (facts.step() != null) {
            return steps.holds(facts.step());
        }
        if (facts.requestId() != null) {
            return requestIds.contains(facts.requestId());
        }
        return !writtenAt.isBefore(from) && !writtenAt.isAfter(to);
    }
}
