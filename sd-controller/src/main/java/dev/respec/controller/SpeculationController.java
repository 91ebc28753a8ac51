package dev.respec.controller;

import dev.respec.controller.Setting.Family;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.CostProfile;
import dev.respec.schemas.SpeculationSettings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides the settings of one model on one class of device. What it decides depends on what it was told and on the
 * times that were passed, nothing else. Off everywhere until costs and acceptance are known. One owner thread.
 */
final class SpeculationController {
    /** Statistics older than this mean that nothing is being generated. */
    private static final int IDLE_INTERVALS = 8;

    private final String modelId;
    private final String deviceClass;
    private final DecisionConfig config;
    private final Exploration exploration;
    private final Map<Family, Long> restingUntil = new HashMap<>();
    private final List<CollapseAlarm> alarms = new ArrayList<>();
    private @Nullable SettingEstimator estimator;
    private List<Choice> choices = List.of();
    private @Nullable SpeculationSettings inForce;
    private int busiestBucket;
    private long lastStatisticsAt = Long.MIN_VALUE / 2;

    SpeculationController(String modelId, String deviceClass, DecisionConfig config) {
        this.modelId = modelId;
        this.deviceClass = deviceClass;
        this.config = config;
        this.exploration = new Exploration(config);
    }

    /** Goes on from the table that was in force; the evidence behind it is gathered anew. */
    void restore(SpeculationSettings settings) {
        inForce = settings;
        if (estimator != null) {
            choices = restoredChoices(estimator.buckets());
        }
    }

    /** Costs measured by a worker; they replace those before. */
    void costs(CostProfile profile) {
        CostTable costs = CostTable.of(profile);
        BatchBuckets before = estimator == null ? null : estimator.buckets();
        SettingEstimator renewed = estimator == null ? new SettingEstimator(config, costs) : estimator.withCosts(costs);
        choices = before == null ? restoredChoices(renewed.buckets()) : mapped(before, renewed.buckets());
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
        if (entry.getReason().equals(Reason.EXPLORATION.text())) {
            return Choice.NO_DATA;
        }
        return new Choice(
                Setting.of(entry.getSetting()),
                0,
                Reason.HYSTERESIS,
                entry.getPredictedGain(),
                entry.getPredictedAcceptanceLength());
    }

    /** One interval of one worker. Before costs are known there is nothing to hold it against, and it is left out. */
    void observe(AcceptanceStats stats, Instant now) {
        if (estimator == null || stats.getSettings().isEmpty()) {
            return;
        }
        long at = Math.min(stats.getIntervalEnd().toEpochMilli(), now.toEpochMilli());
        estimator.observe(stats, at);
        if (at >= lastStatisticsAt) {
            lastStatisticsAt = at;
            busiestBucket = estimator
                    .buckets()
                    .of(stats.getSettings().stream()
                            .max((one, other) ->
                                    Double.compare(one.getVerifyMilliseconds(), other.getVerifyMilliseconds()))
                            .orElseThrow()
                            .getActiveBatch());
        }
    }

    /** The new table with the next version, where it changed. */
    Optional<SpeculationSettings> decide(Instant when) {
        if (estimator == null) {
            return Optional.empty();
        }
        long now = when.toEpochMilli();
        boolean generating = now - lastStatisticsAt
                <= IDLE_INTERVALS * config.decideInterval().toMillis();
        watchForCollapse(estimator, now);
        Set<Family> resting = resting(now);
        choices = choose(estimator, resting, now);
        exploration.grow(now, generating);
        var table = table(estimator, trial(estimator, resting, generating, now), now);
        if (inForce != null && same(inForce.getTable(), table)) {
            return Optional.empty();
        }
        long version = inForce == null ? 1 : inForce.getVersion() + 1;
        inForce = new SpeculationSettings(modelId, deviceClass, version, when, table);
        return Optional.of(inForce);
    }

    private List<Choice> choose(SettingEstimator estimates, Set<Family> resting, long now) {
        var chosen = new ArrayList<Choice>();
        for (int bucket = 0; bucket < choices.size(); bucket++) {
            chosen.add(SettingDecision.choose(
                    choices.get(bucket), estimates.estimates(bucket, now), resting, now, config));
        }
        return chosen;
    }

    private void watchForCollapse(SettingEstimator estimates, long now) {
        estimates.acceptance().forEach((family, evidence) -> {
            double length = evidence.acceptanceLengthWhenDrafting(now);
            boolean resting = restingUntil.getOrDefault(family, Long.MIN_VALUE) > now;
            if (!resting
                    && evidence.draftingSteps(now) >= config.minimumSamples()
                    && length < config.collapseThreshold()) {
                long until = now + config.collapseCoolDown().toMillis();
                restingUntil.put(family, until);
                alarms.add(new CollapseAlarm(family.drafter(), length, until));
            }
        });
    }

    private Set<Family> resting(long now) {
        return restingUntil.entrySet().stream()
                .filter(entry -> entry.getValue() > now)
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    private @Nullable Setting trial(SettingEstimator estimates, Set<Family> resting, boolean generating, long now) {
        var trial = exploration.running(now);
        if (trial.isEmpty() && generating) {
            trial = exploration.start(busiestBucket, choices.get(busiestBucket), estimates, resting, now);
        }
        return trial.map(Exploration.Trial::setting)
                .filter(setting -> !resting.contains(setting.family()))
                .orElse(null);
    }

    private List<BatchSetting> table(SettingEstimator estimates, @Nullable Setting trial, long now) {
        var table = new ArrayList<BatchSetting>();
        for (int bucket = 0; bucket < choices.size(); bucket++) {
            Choice choice = choices.get(bucket);
            int at = bucket;
            Choice inTable = estimates.estimates(bucket, now).stream()
                    .filter(estimate -> estimate.setting().equals(trial))
                    .filter(estimate -> exploration.worthTrying(estimate, at, choice, estimates, now))
                    .findFirst()
                    .map(estimate -> Choice.of(estimate, now, Reason.EXPLORATION))
                    .orElse(choice);
            table.add(new BatchSetting(
                    estimates.buckets().batch(bucket),
                    inTable.setting().toEvent(),
                    inTable.gain(),
                    inTable.acceptanceLength(),
                    inTable.reason().text()));
        }
        return table;
    }

    /** Whether a worker would do the same under both. */
    private static boolean same(List<BatchSetting> one, List<BatchSetting> other) {
        if (one.size() != other.size()) {
            return false;
        }
        for (int i = 0; i < one.size(); i++) {
            if (one.get(i).getMaxActiveBatch() != other.get(i).getMaxActiveBatch()
                    || !one.get(i).getSetting().equals(other.get(i).getSetting())) {
                return false;
            }
        }
        return true;
    }

    /** Alarms raised since the last call. */
    List<CollapseAlarm> takeAlarms() {
        var taken = List.copyOf(alarms);
        alarms.clear();
        return taken;
    }
}
