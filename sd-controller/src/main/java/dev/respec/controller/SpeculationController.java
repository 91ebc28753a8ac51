package dev.respec.controller;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.CostProfile;
import dev.respec.schemas.EngineKey;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.speculation.Setting.Family;
import dev.respec.stage.config.ControllerSection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides the settings of one model in one run on one class of engine. What it decides depends on what it was told and on the
 * times that were passed, nothing else. Off everywhere until costs and acceptance are known. One owner thread.
 */
final class SpeculationController {
    /** Statistics older than this mean that nothing is being generated. */
    private static final int IDLE_INTERVALS = 8;

    /** Trials of one table have numbers below this. */
    private static final long TRIALS_PER_TABLE = 1024;

    private final EngineKey key;
    private final String deviceClass;
    private final ControllerSection config;
    private final Workers workers = new Workers();
    private final MachineWatch watch = new MachineWatch();
    private final DrafterHealth health;
    private @Nullable SettingEstimator estimator;
    private List<Choice> choices = List.of();
    private @Nullable SpeculationSettings inForce;
    private @Nullable Trials trials;
    private long lastStatisticsAt = Long.MIN_VALUE / 2;

    SpeculationController(EngineKey key, String deviceClass, ControllerSection config) {
        this.key = key;
        this.deviceClass = deviceClass;
        this.config = config;
        this.health = new DrafterHealth(config);
    }

    /** Goes on from the table that was in force; the evidence behind it is gathered again. */
    void restore(SpeculationSettings settings) {
        inForce = settings;
        health.restore(settings.getAlarms().stream().map(HealthAlarm::of).toList());
        if (estimator != null) {
            choices = restoredChoices(estimator.buckets());
        }
    }

    /** Costs measured by workers; they replace those before, but not what was learned while generating. */
    void costs(CostProfile profile) {
        CostTable costs = CostTable.of(profile);
        BatchBuckets before = estimator == null ? null : estimator.buckets();
        SettingEstimator renewed = estimator == null ? new SettingEstimator(config, costs) : estimator.withCosts(costs);
        choices = before == null ? restoredChoices(renewed.buckets()) : mapped(before, renewed.buckets());
        if (trials == null || before == null || !before.equals(renewed.buckets())) {
            trials = new Trials(config, renewed.buckets().size());
        }
        estimator = renewed;
    }

    private List<Choice> mapped(BatchBuckets before, BatchBuckets after) {
        var mapped = new ArrayList<Choice>();
        for (int bucket = 0; bucket < after.size(); bucket++) {
            mapped.add(choices.get(before.of(after.batch(bucket))));
        }
        return mapped;
    }

    private List<Choice> restoredChoices(BatchBuckets buckets) {
        var restored = new ArrayList<Choice>();
        for (int bucket = 0; bucket < buckets.size(); bucket++) {
            restored.add(inForce == null ? Choice.NO_DATA : restoredChoice(inForce, buckets.batch(bucket)));
        }
        return restored;
    }

    private static Choice restoredChoice(SpeculationSettings settings, int batch) {
        List<BatchSetting> table = settings.getTable();
        BatchSetting entry = table.stream()
                .filter(candidate -> batch <= candidate.getMaxActiveBatch())
                .findFirst()
                .orElse(table.get(table.size() - 1));
        return new Choice(
                SettingCodec.of(entry.getSetting()),
                0,
                Reason.HYSTERESIS,
                entry.getPredictedGain(),
                entry.getPredictedAcceptanceLength());
    }

    /** One interval of one worker. Before costs are known there is nothing to hold it against, and it is left out. */
    void observe(AcceptanceStats stats, Instant now) {
        SettingEstimator estimates = estimator;
        Trials tried = trials;
        if (estimates == null || tried == null || stats.getSettings().isEmpty()) {
            return;
        }
        long at = Math.min(stats.getIntervalEnd().toEpochMilli(), now.toEpochMilli());
        if (watch.jumped(stats, estimates, at)) {
            estimates.doubtCosts();
        }
        health.observe(stats, at);
        health.takeRecovered().forEach(estimates::forget);
        estimates.observe(stats, at);
        tried.observe(stats, estimates.buckets());
        lastStatisticsAt = Math.max(lastStatisticsAt, at);
        workers.heard(stats.getWorkerId(), at);
    }

    /** The new table with the next version, if it changed. */
    Optional<SpeculationSettings> decide(Instant when) {
        SettingEstimator estimates = estimator;
        Trials tried = trials;
        if (estimates == null || tried == null) {
            return Optional.empty();
        }
        long now = when.toEpochMilli();
        health.judge(now);
        Set<Family> resting = health.resting(now);
        workers.forget(now - idleMillis());
        choices = choose(estimates, resting, now);
        long version = inForce == null ? 1 : inForce.getVersion() + 1;
        startTrials(estimates, tried, resting, version, now);
        var table = new ArrayList<BatchSetting>();
        for (int bucket = 0; bucket < choices.size(); bucket++) {
            Choice choice = choices.get(bucket);
            table.add(new BatchSetting(
                    estimates.buckets().batch(bucket),
                    SettingCodec.toAvro(choice.setting()),
                    choice.gain(),
                    choice.acceptanceLength(),
                    choice.reason().text(),
                    tried.current(bucket, choice, resting, now)));
        }
        var alarms = health.standing().stream().map(HealthAlarm::toAvro).toList();
        if (inForce != null
                && same(inForce.getTable(), table)
                && inForce.getAlarms().equals(alarms)) {
            return Optional.empty();
        }
        inForce = new SpeculationSettings(
                key.modelId(), deviceClass, version, when, table, key.runId(), key.engineClass(), alarms);
        return Optional.of(inForce);
    }

    /** The setting of each range of batches from now on. */
    private List<Choice> choose(SettingEstimator estimates, Set<Family> resting, long now) {
        var decision = new SettingDecision(config, estimates.switchMillis(now));
        var chosen = new ArrayList<Choice>();
        for (int bucket = 0; bucket < choices.size(); bucket++) {
            Choice before = choices.get(bucket);
            Choice choice = decision.choose(before, estimates.estimates(bucket, before.setting(), now), resting, now);
            if (!choice.setting().equals(before.setting())) {
                watch.mattered();
            }
            chosen.add(choice);
        }
        return chosen;
    }

    /** Starts trials where work is being done and none is running. */
    private void startTrials(SettingEstimator estimates, Trials tried, Set<Family> resting, long version, long now) {
        boolean generating = now - lastStatisticsAt <= idleMillis();
        for (int bucket = 0; bucket < choices.size(); bucket++) {
            Choice choice = choices.get(bucket);
            if (generating && tried.current(bucket, choice, resting, now).isEmpty()) {
                BatchActivity activity = estimates.activity(bucket);
                var terms = new TrialOffer.Terms(
                        estimates.batch(bucket, now),
                        activity.millisecondsPerStep(now),
                        activity.milliseconds(now) / config.window().toMillis(),
                        estimates.pairVariance(now),
                        estimates.switchMillis(now));
                long firstId = TRIALS_PER_TABLE * version + (long) bucket * Trials.RIVALS_AT_ONCE;
                tried.start(
                        new Trials.Occasion(bucket, terms, workers, firstId, now),
                        choice,
                        estimates.estimates(bucket, choice.setting(), now),
                        resting);
            }
        }
    }

    private long idleMillis() {
        return IDLE_INTERVALS * config.decideInterval().toMillis();
    }

    /** Whether a worker would do the same under both. */
    private static boolean same(List<BatchSetting> one, List<BatchSetting> other) {
        if (one.size() != other.size()) {
            return false;
        }
        for (int i = 0; i < one.size(); i++) {
            if (one.get(i).getMaxActiveBatch() != other.get(i).getMaxActiveBatch()
                    || !one.get(i).getSetting().equals(other.get(i).getSetting())
                    || !one.get(i).getTrials().equals(other.get(i).getTrials())) {
                return false;
            }
        }
        return true;
    }

    /** Alarms that stand. */
    List<HealthAlarm> standing() {
        return health.standing();
    }

    /** Alarms raised since the last call. */
    List<HealthAlarm> takeAlarms() {
        return health.takeRaised();
    }
}
