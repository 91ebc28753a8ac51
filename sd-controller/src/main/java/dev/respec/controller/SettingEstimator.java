package dev.respec.controller;

import dev.respec.controller.Setting.Family;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.SettingStatistics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Evidence to estimates. A setting's gain at batch B is {@code acceptanceLength · cost(B, off) / cost(B, setting)}, with
 * the acceptance as it is lately and cost = table × deviation, which corrects the table by live step times.
 */
final class SettingEstimator {
    /** Share by which an unmeasured setting may be faster than the table says. */
    private static final double COST_OPTIMISM = 0.15;

    /** After so many the setting in force needs no trial of off beside it. */
    private static final double ENOUGH_COMPARISONS = 2;

    private final DecisionConfig config;
    private final CostTable costs;
    private final BatchBuckets buckets;
    private final Map<Family, AcceptanceEvidence> acceptance = new HashMap<>();
    private final TimingEvidence timing;

    SettingEstimator(DecisionConfig config, CostTable costs) {
        this.config = config;
        this.costs = costs;
        this.buckets = costs.buckets();
        this.timing = new TimingEvidence(config.window().toMillis());
    }

    /** New costs, the acceptance evidence kept. */
    SettingEstimator withCosts(CostTable newCosts) {
        var renewed = new SettingEstimator(config, newCosts);
        // Under other buckets the counts would be of other batches.
        if (buckets.equals(renewed.buckets)) {
            renewed.acceptance.putAll(acceptance);
        }
        return renewed;
    }

    BatchBuckets buckets() {
        return buckets;
    }

    Map<Family, AcceptanceEvidence> acceptance() {
        return acceptance;
    }

    void observe(AcceptanceStats stats, long at) {
        timing.add(stats, costs, buckets, at);
        for (SettingStatistics statistics : stats.getSettings()) {
            Setting setting = Setting.of(statistics.getSetting());
            if (!setting.isOff()) {
                acceptance
                        .computeIfAbsent(
                                setting.family(),
                                family -> new AcceptanceEvidence(config.window().toMillis()))
                        .add(buckets.of(statistics.getActiveBatch()), statistics, at);
            }
        }
    }

    /** One a setting of the cost table, off among them. */
    List<SettingEstimate> estimates(int bucket, long now) {
        var estimates = new ArrayList<SettingEstimate>();
        for (Setting setting : costs.settings()) {
            estimates.add(setting.isOff() ? off() : drafting(bucket, setting, now));
        }
        return estimates;
    }

    private static SettingEstimate off() {
        return new SettingEstimate(Setting.OFF, 1, 1, 1, 0);
    }

    private SettingEstimate drafting(int bucket, Setting setting, long now) {
        AcceptanceEvidence evidence = acceptance.get(setting.family());
        int batch = buckets.batch(bucket);
        double relativeCost = costs.milliseconds(setting, batch)
                * timing.deviation(bucket, setting, now)
                / costs.milliseconds(Setting.OFF, batch);
        double length = evidence == null ? 1 : evidence.acceptanceLength(bucket, setting.draftLength(), now);
        double optimisticLength = evidence == null
                ? AcceptanceEvidence.optimisticAcceptanceLengthWithoutEvidence(setting.draftLength())
                : evidence.optimisticAcceptanceLength(setting.draftLength(), now);
        double costOptimism = COST_OPTIMISM / (1 + timing.comparisons(bucket, setting, now));
        return new SettingEstimate(
                setting,
                length / relativeCost,
                Math.max(length, optimisticLength) / relativeCost * (1 + costOptimism),
                length,
                evidence == null ? 0 : evidence.sequenceSteps(now));
    }

    /** Whether the setting's step time has been held against another's here. */
    boolean isCompared(int bucket, Setting setting, long now) {
        return timing.comparisons(bucket, setting, now) >= ENOUGH_COMPARISONS;
    }

    /** About how long the bucket's batch takes to give the samples a choice needs. */
    double millisecondsForSamples(int bucket, Setting setting) {
        int batch = buckets.batch(bucket);
        return (double) config.minimumSamples() / batch * costs.milliseconds(setting, batch);
    }
}
