package dev.respec.ops.report;

import dev.respec.ops.audit.EvaluationRecords;
import dev.respec.ops.audit.PublishedRollout;
import dev.respec.ops.audit.RunRecords;
import dev.respec.ops.audit.Runs;
import dev.respec.ops.audit.SampleRollout;
import dev.respec.ops.audit.ScoredRecord;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.PolicyEvaluation;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.SpeculationSetting;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.schemas.StepMetric;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.TrustedEvents;
import dev.respec.schemas.WeightRole;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A made-up run of plausible shape, to lay the report out on. */
final class SyntheticRun {
    static {
        TrustedEvents.trust();
    }

    private static final int STEPS = 80;
    private static final int SECONDS = 420;

    private final Random random = new Random(Long.getLong("respec.seed", 17));

    RunRecords records() {
        List<PublishedRollout> rollouts = new ArrayList<>();
        List<ScoredRecord> scored = new ArrayList<>();
        List<TrainingStep> steps = new ArrayList<>();
        for (int step = 1; step <= STEPS; step++) {
            List<String> ids = new ArrayList<>();
            for (int group = 0; group < 4; group++) {
                String id = Runs.RUN + "/" + (step * 4 + group);
                ids.add(id);
                for (int sample = 0; sample < 8; sample++) {
                    PublishedRollout rollout = rollout(id, sample, step);
                    rollouts.add(rollout);
                    scored.add(new ScoredRecord(0, scored.size(), id, rollout, 1, true, List.of()));
                }
            }
            steps.add(policyStep(step, ids));
            if (step % 8 == 0) {
                steps.add(drafterStep(step / 8));
            }
        }
        return new RunRecords(
                Runs.RUN,
                List.of(),
                rollouts,
                scored,
                steps,
                List.of(),
                acceptance(),
                settings(),
                samples(),
                new EvaluationRecords(evaluations(), List.of()));
    }

    /** Before the first step and every twenty; the last but one is the best. */
    private static List<PolicyEvaluation> evaluations() {
        double[] scores = {0.25, 0.5, 0.75, 0.625};
        List<PolicyEvaluation> evaluations = new ArrayList<>();
        for (int i = 0; i < scores.length; i++) {
            PolicyEvaluation result = Runs.evaluation(20L * i, 20L * i, "run-1/evaluation/" + i);
            result.setMetrics(Map.of("pass@1", scores[i], "pass@2", scores[i] + 0.125, "reward_mean", scores[i]));
            result.setDecidingMetric("pass@2");
            result.setBest(i < 3);
            result.setEndsRun(i == 3 ? "it has not risen" : null);
            evaluations.add(result);
        }
        return evaluations;
    }

    private static List<SampleRollout> samples() {
        return List.of(
                new SampleRollout("run-1/1/0", 0, "Q:2+2=?A:", "2+2=4;#4", "4", 1, 8),
                new SampleRollout("run-1/1/1", 0, "Q:2+2=?A:", "<b>2+2=5</b>", "4", 0, 8));
    }

    private PublishedRollout rollout(String id, int sample, int step) {
        int length = (int) Math.min(400, 30 - 80 * Math.log(1 - random.nextDouble()));
        return new PublishedRollout(
                id + "/" + sample, id, sample, "w", length, true, step, step, 9, 9, 9, 1, 1, Runs.START);
    }

    private TrainingStep policyStep(int step, List<String> ids) {
        double pass = 0.62 + 0.3 * (1 - Math.exp(-step / 30.0)) + 0.04 * random.nextGaussian();
        Map<String, Double> phases = new LinkedHashMap<>();
        phases.put("wait", 800 + 700 * random.nextDouble());
        phases.put("forward-backward", 2100 + 300 * random.nextDouble());
        phases.put("optimiser", 60.0);
        phases.put("publish", 90 + 40 * random.nextDouble());
        return builder(WeightRole.POLICY, step, ids)
                .setMetrics(Map.of(
                        StepMetric.PASS_RATE.key(),
                        Math.min(1, pass),
                        StepMetric.REWARD_MEAN.key(),
                        Math.min(1, pass),
                        StepMetric.LOSS.key(),
                        0.02 * random.nextGaussian(),
                        StepMetric.ENTROPY.key(),
                        0.35 * Math.exp(-step / 60.0) + 0.01 * random.nextGaussian(),
                        StepMetric.KL_SAMPLER_TRAINER.key(),
                        0.002 + 0.0004 * random.nextGaussian(),
                        StepMetric.LEARNING_RATE.key(),
                        2.5e-4 * Math.min(1, step / 5.0) * (1 - step / (double) STEPS),
                        StepMetric.STALENESS_MAX.key(),
                        (double) random.nextInt(3),
                        StepMetric.STALENESS_MEAN.key(),
                        0.5 + 0.3 * random.nextDouble()))
                .setPhases(phases)
                .build();
    }

    private TrainingStep drafterStep(int step) {
        return builder(WeightRole.DRAFTER, step, List.of())
                .setMetrics(Map.of(
                        "candidate_acceptance", 0.62 + 0.012 * step + 0.01 * random.nextGaussian(),
                        "current-acceptance", 0.615 + 0.011 * step + 0.01 * random.nextGaussian()))
                .setPhases(Map.of())
                .build();
    }

    private static TrainingStep.Builder builder(WeightRole role, int step, List<String> ids) {
        return TrainingStep.newBuilder()
                .setRunId(Runs.RUN)
                .setRole(role)
                .setStep(step)
                .setVersion(step)
                .setSourceOffsets(List.of())
                .setRequestIds(ids)
                .setStartedAt(Runs.START.plusSeconds(step * 5L))
                .setFinishedAt(Runs.START.plusSeconds(step * 5L + 5));
    }

    private List<AcceptanceStats> acceptance() {
        List<AcceptanceStats> all = new ArrayList<>();
        for (int second = 0; second < SECONDS; second++) {
            int batch = 4 + (int) (60 * Math.abs(Math.sin(second / 9.0)));
            List<SettingStatistics> settings = new ArrayList<>();
            if (batch > 40) {
                settings.add(statistics(batch, setting("off", 0), 1));
            } else {
                settings.add(statistics(batch, setting("suffix", 4), 1.7 + 0.4 * second / SECONDS + noise()));
                settings.add(statistics(
                        Math.max(1, batch / 4), setting("eagle3", 2), 2.1 + 0.3 * second / SECONDS + noise()));
            }
            Instant start = Runs.START.plusSeconds(second);
            all.add(AcceptanceStats.newBuilder()
                    .setRunId(Runs.RUN)
                    .setWorkerId("w")
                    .setModelId("policy")
                    .setDeviceClass("cpu")
                    .setIntervalStart(start)
                    .setIntervalEnd(start.plusSeconds(1))
                    .setPolicyVersion(0)
                    .setDrafterVersion(0)
                    .setSettings(settings)
                    .build());
        }
        return all;
    }

    private double noise() {
        return 0.15 * random.nextGaussian();
    }

    private static SettingStatistics statistics(int batch, SpeculationSetting setting, double acceptanceLength) {
        long steps = 30;
        List<Long> drafted = new ArrayList<>();
        List<Long> accepted = new ArrayList<>();
        for (int k = 0; k < setting.getDraftLength(); k++) {
            drafted.add(steps * batch);
            accepted.add((long) (steps * batch * Math.pow(1 - 1 / Math.max(1.1, acceptanceLength), k + 1)));
        }
        return new SettingStatistics(
                batch,
                setting,
                steps,
                steps * batch,
                steps * batch * setting.getDraftLength(),
                accepted,
                drafted,
                (long) (steps * batch * acceptanceLength),
                4.0,
                20.0,
                2.0,
                steps * batch * 100L);
    }

    private static SpeculationSetting setting(String drafter, int length) {
        return new SpeculationSetting(drafter, length, 1, length);
    }

    private List<SpeculationSettings> settings() {
        List<SpeculationSettings> all = new ArrayList<>();
        int[] batches = {1, 2, 4, 8, 16, 32, 64};
        for (int i = 0; i < 12; i++) {
            List<BatchSetting> table = new ArrayList<>();
            for (int batch : batches) {
                SpeculationSetting setting = batch > 32 || i == 0
                        ? setting("off", 0)
                        : batch > 8 ? setting("suffix", i > 5 ? 4 : 2) : setting("eagle3", batch > 2 && i < 8 ? 2 : 4);
                table.add(new BatchSetting(batch, setting, 1.2, 1.9, "argmax", List.of()));
            }
            all.add(new SpeculationSettings(
                    "policy",
                    "cpu",
                    (long) i,
                    Runs.START.plusSeconds(5 + i * 33L),
                    table,
                    Runs.RUN,
                    "cpu-float32",
                    List.of()));
        }
        return all;
    }

    RunSummary summary() {
        TreeMap<Integer, Double> plain = new TreeMap<>();
        TreeMap<Integer, Double> adaptive = new TreeMap<>();
        TreeMap<Integer, String> settings = new TreeMap<>();
        double[] gains = {1.62, 1.55, 1.41, 1.28, 1.16, 1.04, 1.0};
        for (int i = 0; i < gains.length; i++) {
            int batch = 1 << i;
            plain.put(batch, 260 * Math.pow(batch, 0.62));
            adaptive.put(batch, 260 * Math.pow(batch, 0.62) * gains[i]);
            settings.put(batch, i == 6 ? "off" : i > 3 ? "suffix:4" : "eagle3:4");
        }
        return new RunSummary(
                Runs.RUN,
                17,
                STEPS,
                431.7,
                352.1,
                14.2,
                new RunSummary.Evaluation(
                        512, new RunSummary.PassRates(0.631, 0.97, 94.2), new RunSummary.PassRates(0.915, 0.98, 92.8)),
                new RunSummary.Groups(1280, 1280, 0, 0, 21),
                new RunSummary.Rollouts(10240, 10240, 8, 0, 10072, 93.4),
                new RunSummary.Staleness(2, 2),
                new RunSummary.AcceptanceLength(1.74, 2.21, 2.02),
                new RunSummary.Throughput(adaptive, plain, settings, null, null),
                new RunSummary.GainDuringRun(1.62, 0.04, 0.97, 480),
                new RunSummary.TimeShare(0.58, 0.36, 0.06, new TreeMap<>(Map.of("w", 0.004))),
                new RunSummary.Versions(80, 10),
                new RunSummary.Audit(true, List.of(), Map.of("zero-variance", 21), 0, false),
                List.of(
                        new RunSummary.StageActivity("worker", "10,240 rollouts, 957,120 tokens"),
                        new RunSummary.StageActivity("scorer", "10,240 rewards, 8 repeats dropped"),
                        new RunSummary.StageActivity("controller", "12 tables"),
                        new RunSummary.StageActivity("learner", "10 drafter updates"),
                        new RunSummary.StageActivity("trainer", "80 policy updates")),
                new Machine("Some Processor 9000", 2, 25L << 30, "Linux 6.1", "17.0.19", "1.0", "0123456789ab"),
                EvaluationFigures.best(new EvaluationRecords(evaluations(), List.of())));
    }
}
