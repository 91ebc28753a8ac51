package dev.respec.controller;

import dev.respec.controller.Setting.Family;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.SettingStatistics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Evidence to estimates. The model of a setting's gain at batch B is
 * {@code acceptanceLength · cost(B, off) / cost(B, setting)} with cost = table × deviation; where both the setting and off
 * were measured live at B, what they emitted and took there replaces the model as the counts grow.
 */
final class SettingEstimator {
    /** Timed verify steps at which measurement and model weigh the same. */
    private static final double MEASURED_LEAN = 30;

    /** Share by which an unmeasured step may be cheaper than the table says. */
    private static final double COST_OPTIMISM = 0.15;

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
        // Bucket borders may differ, the pooled counts lead until new ones come.
        if (java.util.Arrays.equals(batches(buckets), batches(renewed.buckets))) {
            renewed.acceptance.putAll(acceptance);
        }
        return renewed;
    }

    private static int[] batches(BatchBuckets buckets) {
        return java.util.stream.IntStream.range(0, buckets.size())
                .map(buckets::batch)
                .toArray();
    }

    BatchBuckets buckets() {
        return buckets;
    }

    Map<Family, AcceptanceEvidence> acceptance() {
        return acceptance;
    }

    void observe(AcceptanceStats stats, long at) {
        timing.add(stats.getSettings(), costs, buckets, at);
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
            estimates.add(setting.isOff() ? off(bucket, now) : drafting(bucket, setting, now));
        }
        return estimates;
    }

    private SettingEstimate off(int bucket, long now) {
        double steps = timing.steps(bucket, Setting.OFF, now);
        return new SettingEstimate(Setting.OFF, 1, 1 + costOptimism(steps), 1, steps);
    }

    private SettingEstimate drafting(int bucket, Setting setting, long now) {
        AcceptanceEvidence evidence = acceptance.get(setting.family());
        double relativeCost = milliseconds(bucket, setting, now) / milliseconds(bucket, Setting.OFF, now);
        double length = evidence == null ? 1 : evidence.acceptanceLength(bucket, setting.draftLength(), now);
        double optimisticLength = evidence == null
                ? AcceptanceEvidence.optimisticAcceptanceLengthWithoutEvidence(setting.draftLength())
                : evidence.optimisticAcceptanceLength(setting.draftLength(), now);
        double gain = measured(bucket, setting, length / relativeCost, now);
        double optimisticGain =
                optimisticLength / relativeCost * (1 + costOptimism(timing.steps(bucket, setting, now)));
        return new SettingEstimate(
                setting,
                gain,
                Math.max(gain, optimisticGain),
                length,
                evidence == null ? 0 : evidence.sequenceSteps(now));
    }

    private double milliseconds(int bucket, Setting setting, long now) {
        return costs.milliseconds(setting, buckets.batch(bucket)) * timing.deviation(bucket, setting, now);
    }

    private double measured(int bucket, Setting setting, double modelled, long now) {
        double steps = Math.min(timing.steps(bucket, setting, now), timing.steps(bucket, Setting.OFF, now));
        double relativeCost = costs.milliseconds(setting, buckets.batch(bucket))
                * timing.measuredDeviation(bucket, setting, now)
                / costs.milliseconds(Setting.OFF, buckets.batch(bucket))
                / timing.measuredDeviation(bucket, Setting.OFF, now);
        double measured = timing.emittedPerStep(bucket, setting, now)
                / timing.emittedPerStep(bucket, Setting.OFF, now)
                / relativeCost;
        double weight = steps / (steps + MEASURED_LEAN);
        return weight * measured + (1 - weight) * modelled;
    }

    private static double costOptimism(double steps) {
        return COST_OPTIMISM * MEASURED_LEAN / (steps + MEASURED_LEAN);
    }

    /** Whether off has been timed here well enough to be compared with. */
    boolean offIsTimed(int bucket, long now) {
        return timing.steps(bucket, Setting.OFF, now) >= MEASURED_LEAN;
    }

    /** About how long the bucket's batch takes to give the samples a choice needs. */
    double millisecondsForSamples(int bucket, Setting setting) {
        int batch = buckets.batch(bucket);
        return (double) config.minimumSamples() / batch * costs.milliseconds(setting, batch);
    }
}
