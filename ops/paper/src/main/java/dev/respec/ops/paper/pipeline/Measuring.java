package dev.respec.ops.paper.pipeline;

import dev.respec.ops.audit.PublishedRollout;
import dev.respec.ops.audit.RunRecords;
import dev.respec.ops.audit.StepTime;
import dev.respec.ops.paper.pipeline.RunMeasurements.StepPoint;
import dev.respec.ops.paper.simulation.Workload;
import dev.respec.ops.report.RunSummary;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.StepMetric;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads from a run's records what the figures need. */
final class Measuring {
    /** With fewer drafts, a step tells nothing about acceptance. */
    private static final int FEWEST_DRAFTS = 50;

    /** With fewer verify steps, a batch tells nothing about their time. */
    private static final int FEWEST_VERIFY_STEPS = 50;

    private static final int PARTS_OF_A_STEP = 20;
    private static final int LENGTHS_KEPT = 100;

    private final RunRecords records;
    private final List<TrainingStep> steps;

    Measuring(RunRecords records) {
        this.records = records;
        this.steps = records.steps(WeightRole.POLICY);
    }

    /**
     * What the records do not tell.
     *
     * @param policyBytes of the weights that a step sends
     */
    record RunExtras(long policyBytes, Conditions conditions) {}

    RunMeasurements of(Arm arm, int seed, List<String> settings, RunSummary summary, RunExtras extras) {
        RunSummary.Evaluation evaluation = summary.evaluation();
        RunSummary.GainDuringRun gain = summary.adaptiveGainDuringRun();
        return new RunMeasurements(
                arm.name(),
                seed,
                settings,
                evaluation == null ? Double.NaN : evaluation.before().sampledPassAt1(),
                evaluation == null ? Double.NaN : evaluation.after().sampledPassAt1(),
                records.rollouts().stream()
                        .mapToLong(PublishedRollout::responseTokens)
                        .sum(),
                records.acceptance().stream()
                                .flatMap(stats -> stats.getSettings().stream())
                                .mapToDouble(Measuring::milliseconds)
                                .sum()
                        / 1000,
                stepPoints(),
                acceptance(),
                activeSequences(),
                gain == null ? Double.NaN : gain.gain(),
                summary.versions().drafter(),
                summary.audit().holds(),
                workload(extras.policyBytes()),
                extras.conditions());
    }

    private List<StepPoint> stepPoints() {
        List<StepPoint> points = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            TrainingStep step = steps.get(i);
            double seconds = i == 0 ? Double.NaN : seconds(steps.get(i - 1).getFinishedAt(), step.getFinishedAt());
            points.add(new StepPoint(
                    step.getStep(), StepMetric.REWARD_MEAN.of(step), seconds, StepTime.busyMilliseconds(step) / 1000));
        }
        return points;
    }

    private static double milliseconds(SettingStatistics each) {
        return each.getDraftMilliseconds() + each.getVerifyMilliseconds() + each.getOtherMilliseconds();
    }

    /**
     * Mean acceptance length of the drafts of each step, as vLLM computes it. Verify steps of a sequence that drafted
     * nothing do not count: a drafter whose cache is behind catches up first, however good it is.
     */
    private List<Double> acceptance() {
        long[] accepted = new long[steps.size()];
        long[] drafts = new long[steps.size()];
        for (AcceptanceStats stats : records.acceptance()) {
            int step = stepAt(stats.getIntervalEnd());
            for (SettingStatistics each : stats.getSettings()) {
                if (step < steps.size() && !each.getDraftedByPosition().isEmpty()) {
                    accepted[step] += each.getAcceptedByPosition().stream()
                            .mapToLong(Long::longValue)
                            .sum();
                    drafts[step] += each.getDraftedByPosition().get(0);
                }
            }
        }
        List<Double> acceptance = new ArrayList<>();
        for (int i = 0; i < drafts.length; i++) {
            acceptance.add(drafts[i] < FEWEST_DRAFTS ? Double.NaN : 1 + (double) accepted[i] / drafts[i]);
        }
        return acceptance;
    }

    /** The first step that ended after that moment. */
    private int stepAt(Instant moment) {
        int step = 0;
        while (step < steps.size() && steps.get(step).getFinishedAt().isBefore(moment)) {
            step++;
        }
        return step;
    }

    private List<Double> activeSequences() {
        Map<String, List<PublishedRollout>> byRequest = records.scoredByRequest();
        double[] active = new double[PARTS_OF_A_STEP];
        int counted = 0;
        for (TrainingStep step : steps) {
            List<PublishedRollout> rollouts = step.getRequestIds().stream()
                    .flatMap(id -> byRequest.getOrDefault(id, List.of()).stream())
                    .toList();
            if (!rollouts.isEmpty()) {
                addActive(rollouts, active);
                counted++;
            }
        }
        List<Double> means = new ArrayList<>();
        for (double sum : active) {
            means.add(counted == 0 ? Double.NaN : sum / counted);
        }
        return means;
    }

    /** Sequences at work in the middle of each part of the time from the first start to the last end. */
    private static void addActive(List<PublishedRollout> rollouts, double[] active) {
        double first = rollouts.stream().mapToDouble(Measuring::start).min().orElseThrow();
        double last = rollouts.stream().mapToDouble(Measuring::end).max().orElseThrow();
        for (int part = 0; part < active.length; part++) {
            double at = first + (last - first) * (part + 0.5) / active.length;
            active[part] += rollouts.stream()
                    .filter(rollout -> start(rollout) <= at && at < end(rollout))
                    .count();
        }
    }

    private static double end(PublishedRollout rollout) {
        return rollout.finishedAt().toEpochMilli();
    }

    private static double start(PublishedRollout rollout) {
        return end(rollout) - rollout.prefillMilliseconds() - rollout.decodeMilliseconds();
    }

    private @Nullable Workload workload(long policyBytes) {
        int[] lengths = records.rollouts().stream()
                .mapToInt(PublishedRollout::responseTokens)
                .sorted()
                .toArray();
        List<Workload.Step> workerSteps = workerSteps();
        if (lengths.length == 0 || workerSteps.isEmpty()) {
            return null;
        }
        List<Integer> kept = new ArrayList<>();
        int count = Math.min(LENGTHS_KEPT, lengths.length);
        for (int i = 0; i < count; i++) {
            kept.add(lengths[(int) ((i + 0.5) / count * lengths.length)]);
        }
        double trained = steps.stream()
                .mapToDouble(StepMetric.TOKENS_TRAINED::of)
                .filter(Double::isFinite)
                .sum();
        double training = steps.stream().mapToDouble(StepTime::busyMilliseconds).sum();
        return new Workload(kept, workerSteps, trained > 0 ? training / trained : 0, policyBytes);
    }

    private List<Workload.Step> workerSteps() {
        Map<Integer, double[]> byBatch = new TreeMap<>();
        for (AcceptanceStats stats : records.acceptance()) {
            for (SettingStatistics each : stats.getSettings()) {
                double[] sums = byBatch.computeIfAbsent(each.getActiveBatch(), batch -> new double[4]);
                sums[0] += milliseconds(each);
                sums[1] += each.getVerifySteps();
                sums[2] += each.getEmittedTokens();
                sums[3] += each.getSequenceSteps();
            }
        }
        return byBatch.entrySet().stream()
                .filter(each -> each.getValue()[1] >= FEWEST_VERIFY_STEPS)
                .map(each -> new Workload.Step(
                        each.getKey(),
                        each.getValue()[0] / each.getValue()[1],
                        each.getValue()[2] / each.getValue()[3]))
                .toList();
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toMillis() / 1000.0;
    }
}
