package dev.respec.ops.report;

import dev.respec.ops.audit.AuditReport;
import dev.respec.ops.audit.DrafterTrouble;
import dev.respec.ops.audit.PublishedRollout;
import dev.respec.ops.audit.RunRecords;
import dev.respec.ops.audit.StepTime;
import dev.respec.ops.console.Counts;
import dev.respec.schemas.StepMetric;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import dev.respec.trainer.admission.DroppedRequest;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes a run's summary from its records. */
public final class Summaries {
    private final RunRecords records;
    private final AuditReport audit;

    public Summaries(RunRecords records, AuditReport audit) {
        this.records = records;
        this.audit = audit;
    }

    /** What is measured outside the topics. */
    public record Measured(
            long seed,
            double wallSeconds,
            double trainingSeconds,
            @Nullable Double firstRolloutSeconds,
            RunSummary.@Nullable Evaluation evaluation,
            RunSummary.@Nullable Throughput throughput,
            @Nullable Machine machine,
            boolean goingOn) {}

    public RunSummary summarise(Measured measured) {
        List<TrainingStep> policySteps = records.steps(WeightRole.POLICY);
        int notTrainedOn = audit.droppedGroups().values().stream()
                        .mapToInt(Integer::intValue)
                        .sum()
                + audit.unreadGroups();
        return new RunSummary(
                records.runId(),
                measured.seed(),
                policySteps.isEmpty()
                        ? 0
                        : policySteps.get(policySteps.size() - 1).getStep(),
                measured.wallSeconds(),
                measured.trainingSeconds(),
                measured.firstRolloutSeconds(),
                measured.evaluation(),
                new RunSummary.Groups(
                        audit.admitted(), audit.complete(), audit.incomplete(), audit.open(), notTrainedOn),
                new RunSummary.Rollouts(
                        audit.expectedRollouts(),
                        audit.scoredRollouts(),
                        audit.duplicatesDropped(),
                        audit.missingRollouts(),
                        audit.trainedRollouts(),
                        meanTokens()),
                new RunSummary.Staleness(audit.stalenessMax(), audit.stalenessBound()),
                AcceptanceLengths.of(records.acceptance()),
                measured.throughput(),
                RunGain.of(records.acceptance()),
                timeShare(measured.trainingSeconds()),
                new RunSummary.Versions(newestVersion(WeightRole.POLICY), newestVersion(WeightRole.DRAFTER)),
                new RunSummary.Audit(
                        audit.holds(), audit.violations(), audit.droppedGroups(), audit.foreign(), measured.goingOn()),
                activities(),
                measured.machine(),
                EvaluationFigures.best(records.evaluation()));
    }

    private double meanTokens() {
        return records.rollouts().stream()
                .mapToInt(PublishedRollout::responseTokens)
                .average()
                .orElse(0);
    }

    private RunSummary.TimeShare timeShare(double trainingSeconds) {
        double generation = records.acceptance().stream()
                .flatMap(stats -> stats.getSettings().stream())
                .mapToDouble(each ->
                        each.getDraftMilliseconds() + each.getVerifyMilliseconds() + each.getOtherMilliseconds())
                .sum();
        double training =
                records.steps().stream().mapToDouble(StepTime::busyMilliseconds).sum();
        WorkShares shares = WorkShares.of(trainingSeconds * 1000, generation, training);
        return new RunSummary.TimeShare(
                shares.generation(), shares.training(), shares.other(), WorkerIdleTime.shares(records));
    }

    private long newestVersion(WeightRole role) {
        return records.weightUpdates().stream()
                .filter(update -> update.getRole() == role)
                .mapToLong(WeightUpdate::getVersion)
                .max()
                .orElse(0);
    }

    private List<RunSummary.StageActivity> activities() {
        return List.of(
                worker(),
                activity(
                        "scorer",
                        "%,d rewards in %,d complete and %,d incomplete groups; %,d repeats dropped",
                        audit.scoredRollouts(),
                        audit.complete(),
                        audit.incomplete(),
                        audit.duplicatesDropped()),
                activity(
                        "controller",
                        "%,d settings tables from %,d intervals of statistics%s",
                        records.settings().size(),
                        records.acceptance().size(),
                        alarms()),
                activity(
                        "learner",
                        "%s, %s published%s",
                        Counts.of(records.steps(WeightRole.DRAFTER).size(), "step"),
                        Counts.of(newestVersion(WeightRole.DRAFTER), "drafter version"),
                        unchangedRounds()),
                trainer());
    }

    /** Alarms that the controller raised, each once however many tables it stood in. */
    private String alarms() {
        var raised = new LinkedHashMap<Instant, Set<String>>();
        records.settings().stream()
                .flatMap(table -> table.getAlarms().stream())
                .forEach(alarm -> raised.computeIfAbsent(alarm.getRaisedAt(), at -> new LinkedHashSet<>())
                        .add(DrafterTrouble.name(alarm)));
        var names = raised.values().stream().flatMap(Set::stream).toList();
        return names.isEmpty() ? "" : ", " + Counts.of(names.size(), "alarm") + ": " + String.join(", ", names);
    }

    private String unchangedRounds() {
        long unchanged = records.steps(WeightRole.DRAFTER).stream()
                .filter(DrafterTrouble::isUnchanged)
                .count();
        return unchanged == 0 ? "" : ", " + Counts.of(unchanged, "step") + " changed no parameter";
    }

    private RunSummary.StageActivity worker() {
        long tokens = records.rollouts().stream()
                .mapToLong(PublishedRollout::responseTokens)
                .sum();
        long workers = records.rollouts().stream()
                .map(PublishedRollout::workerId)
                .distinct()
                .count();
        return activity(
                "worker",
                "%,d rollouts with %,d tokens from %s",
                records.rollouts().size(),
                tokens,
                Counts.of(workers, "worker"));
    }

    private RunSummary.StageActivity trainer() {
        List<TrainingStep> steps = records.steps(WeightRole.POLICY);
        long withoutSignal =
                steps.stream().filter(step -> !StepMetric.hasSignal(step)).count();
        return activity(
                "trainer",
                "%s%s on %s%s, %s published",
                Counts.of(steps.size(), "step"),
                withoutSignal == 0 ? "" : String.format(Locale.ROOT, " (%,d without signal)", withoutSignal),
                Counts.of(audit.trainedRollouts(), "rollout"),
                costOfSampling(steps),
                Counts.of(newestVersion(WeightRole.POLICY), "policy version"));
    }

    /** Empty for a run that set no group aside. */
    private String costOfSampling(List<TrainingStep> steps) {
        int setAside = audit.droppedGroups().getOrDefault(DroppedRequest.EQUAL_REWARDS, 0);
        int used = steps.stream().mapToInt(step -> step.getRequestIds().size()).sum();
        return setAside == 0 || used == 0
                ? ""
                : String.format(
                        Locale.ROOT, ", %.2f prompts answered per prompt used", (used + setAside) / (double) used);
    }

    private static RunSummary.StageActivity activity(String stage, String format, Object... values) {
        return new RunSummary.StageActivity(stage, String.format(Locale.ROOT, format, values));
    }
}
