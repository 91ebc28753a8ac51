package dev.respec.ops.report;

import dev.respec.ops.audit.AuditReport;
import dev.respec.ops.audit.PublishedRollout;
import dev.respec.ops.audit.RunRecords;
import dev.respec.ops.audit.StepMetrics;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Makes a run's summary from its records. */
public final class Summaries {
    private static final int PARTS = 10;

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
            RunSummary.@Nullable Throughput throughput) {}

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
                acceptanceLength(),
                measured.throughput(),
                RunGain.of(records.acceptance()),
                timeShare(measured.trainingSeconds()),
                new RunSummary.Versions(newestVersion(WeightRole.POLICY), newestVersion(WeightRole.DRAFTER)),
                new RunSummary.Audit(audit.holds(), audit.violations(), audit.droppedGroups()),
                activities());
    }

    private double meanTokens() {
        return records.rollouts().stream()
                .mapToInt(PublishedRollout::responseTokens)
                .average()
                .orElse(0);
    }

    /** First and last: the first and the last tenth of the intervals. */
    private RunSummary.AcceptanceLength acceptanceLength() {
        List<AcceptanceStats> all = records.acceptance();
        int part = Math.max(1, all.size() / PARTS);
        return new RunSummary.AcceptanceLength(
                acceptanceLength(all.subList(0, Math.min(part, all.size()))),
                acceptanceLength(all.subList(Math.max(0, all.size() - part), all.size())),
                acceptanceLength(all));
    }

    private static double acceptanceLength(List<AcceptanceStats> intervals) {
        long emitted = 0;
        long steps = 0;
        for (AcceptanceStats interval : intervals) {
            for (SettingStatistics each : interval.getSettings()) {
                if (each.getSetting().getDraftLength() > 0) {
                    emitted += each.getEmittedTokens();
                    steps += each.getSequenceSteps();
                }
            }
        }
        return steps == 0 ? 1 : (double) emitted / steps;
    }

    private RunSummary.TimeShare timeShare(double trainingSeconds) {
        double generation = records.acceptance().stream()
                .flatMap(stats -> stats.getSettings().stream())
                .mapToDouble(each ->
                        each.getDraftMilliseconds() + each.getVerifyMilliseconds() + each.getOtherMilliseconds())
                .sum();
        double training = records.steps().stream()
                .mapToDouble(StepMetrics::busyMilliseconds)
                .sum();
        WorkShares shares = WorkShares.of(trainingSeconds * 1000, generation, training);
        return new RunSummary.TimeShare(shares.generation(), shares.training(), shares.other());
    }

    private long newestVersion(WeightRole role) {
        return records.weightUpdates().stream()
                .filter(update -> update.getRole() == role)
                .mapToLong(WeightUpdate::getVersion)
                .max()
                .orElse(0);
    }

    private List<RunSummary.StageActivity> activities() {
        List<RunSummary.StageActivity> activities = new ArrayList<>();
        long tokens = records.rollouts().stream()
                .mapToLong(PublishedRollout::responseTokens)
                .sum();
        long workers = records.rollouts().stream()
                .map(PublishedRollout::workerId)
                .distinct()
                .count();
        activities.add(activity(
                "worker",
                "%,d rollouts with %,d tokens from %d worker(s)",
                records.rollouts().size(),
                tokens,
                workers));
        activities.add(activity(
                "scorer",
                "%,d rewards in %,d complete and %,d incomplete groups; %,d repeats dropped",
                audit.scoredRollouts(),
                audit.complete(),
                audit.incomplete(),
                audit.duplicatesDropped()));
        activities.add(activity(
                "controller",
                "%,d settings tables from %,d intervals of statistics",
                records.settings().size(),
                records.acceptance().size()));
        activities.add(activity(
                "learner",
                "%,d steps, %,d drafter versions published",
                records.steps(WeightRole.DRAFTER).size(),
                newestVersion(WeightRole.DRAFTER)));
        activities.add(activity(
                "trainer",
                "%,d steps on %,d rollouts, %,d policy versions published",
                records.steps(WeightRole.POLICY).size(),
                audit.trainedRollouts(),
                newestVersion(WeightRole.POLICY)));
        return activities;
    }

    private static RunSummary.StageActivity activity(String stage, String format, Object... values) {
        return new RunSummary.StageActivity(stage, String.format(Locale.ROOT, format, values));
    }
}
