package dev.respec.ops.offline;

import dev.respec.ops.cluster.RunAccess.OpenRun;
import dev.respec.ops.replay.NumberSpan;
import dev.respec.ops.replay.TransferProgress;
import dev.respec.schemas.StepMetric;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.Event;
import dev.respec.topics.TopicCatalogue;
import dev.respec.trainer.OfflineTraining;
import dev.respec.trainer.admission.DroppedRequest;
import dev.respec.trainer.assembly.RecordedGroups;
import dev.respec.trainer.assembly.ScoredGroup;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Trains a policy on recorded rollouts: on the groups of the recorded steps, or on all groups in the log's order. */
public final class PolicyTraining {
    private final OpenRun run;
    private final RespecConfig config;
    private final TransferProgress progress;

    /** Which groups make a step. */
    public enum Grouping {
        /** Those that the recorded step took. */
        RECORDED,
        /** The next ones of the log. */
        IN_ORDER
    }

    /** @param config of the training; the run's own gives the run's own weights again */
    public PolicyTraining(OpenRun run, RespecConfig config, TransferProgress progress) {
        this.run = run;
        this.config = config;
        this.progress = progress;
    }

    /**
     * Trains and writes the policy, and {@code steps.jsonl} with the metrics of each step.
     *
     * @param policy checkpoint folder to start from
     * @param steps which of the steps; a step beyond the record ends the training
     * @return steps trained
     */
    public long run(Path policy, Grouping grouping, NumberSpan steps, OutputFolder output) {
        List<TrainingStep> recorded = recordedSteps();
        long first = Math.max(1, steps.first());
        try (ScoredRollouts records = new ScoredRollouts(run, progress);
                OfflineTraining training =
                        new OfflineTraining(config, policy, PolicyVersions.before(recorded, first))) {
            RecordedGroups groups = new RecordedGroups(
                    run.events().topicName(TopicCatalogue.SCORED_ROLLOUTS),
                    run.runId(),
                    ScoredRollouts.partitions(run),
                    records::next);
            long trained = grouping == Grouping.RECORDED
                    ? recorded(training, groups, recorded, steps, output)
                    : inOrder(training, groups, steps, output);
            if (trained == 0) {
                throw new BadInputException(
                        "offline train: nothing to train on: run %s has no such steps, or too few groups"
                                .formatted(run.runId()));
            }
            training.export(output.folder());
            output.writeLines("steps.jsonl");
            return trained;
        }
    }

    private List<TrainingStep> recordedSteps() {
        return run.events().readAll(TopicCatalogue.TRAINING_STEPS).stream()
                .map(Event::requireValue)
                .filter(step -> step.getRunId().equals(run.runId()) && step.getRole() == WeightRole.POLICY)
                .sorted(Comparator.comparingLong(TrainingStep::getStep))
                .toList();
    }

    private long recorded(
            OfflineTraining training,
            RecordedGroups groups,
            List<TrainingStep> recorded,
            NumberSpan steps,
            OutputFolder output) {
        List<TrainingStep> chosen =
                recorded.stream().filter(step -> steps.holds(step.getStep())).toList();
        for (TrainingStep step : chosen) {
            List<DroppedRequest> dropped = step.getDroppedRequestIds().stream()
                    .map(DroppedRequest::parse)
                    .toList();
            List<ScoredGroup> used = groups.take(step.getRequestIds());
            List<ScoredGroup> setAside = groups.take(dropped.stream()
                    .filter(DroppedRequest::isSetAside)
                    .map(DroppedRequest::requestId)
                    .toList());
            train(training, step.getStep(), used, setAside, output);
            groups.forget(dropped.stream().map(DroppedRequest::requestId).toList());
        }
        return chosen.size();
    }

    private long inOrder(OfflineTraining training, RecordedGroups groups, NumberSpan steps, OutputFolder output) {
        long first = Math.max(1, steps.first());
        for (long step = first; step <= steps.last(); step++) {
            Optional<List<ScoredGroup>> next = groups.next(
                    config.trainer().promptsPerStep(), config.trainer().groupSize());
            if (next.isEmpty()) {
                return step - first;
            }
            train(training, step, next.get(), List.of(), output);
        }
        return steps.last() - first + 1;
    }

    private void train(
            OfflineTraining training,
            long step,
            List<ScoredGroup> groups,
            List<ScoredGroup> setAside,
            OutputFolder output) {
        Map<String, Double> metrics = training.step(step, groups, setAside);
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", step);
        line.put("request_ids", groups.stream().map(ScoredGroup::requestId).toList());
        line.put("metrics", metrics);
        output.line(line);
        progress.line(String.format(
                Locale.ROOT,
                "step %5d  %3d groups  reward %.3f  loss %8.4f  gradient norm %.4f",
                step,
                groups.size(),
                metrics.get(StepMetric.REWARD_MEAN.key()),
                metrics.get(StepMetric.LOSS.key()),
                metrics.get(StepMetric.GRADIENT_NORM.key())));
    }
}
