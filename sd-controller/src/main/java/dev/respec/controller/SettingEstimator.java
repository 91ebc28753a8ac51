package dev.respec.controller;

import dev.respec.controller.CostDeviations.Observation;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.PairedTurns;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingStatistics;
import dev.respec.speculation.Setting;
import dev.respec.speculation.Setting.Family;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Evidence to estimates. A setting's gain at batch B is {@code acceptanceLength · cost(B, off) / cost(B, setting)}, with
 * recent acceptance and cost = table × deviation, which pairs of adjacent turns correct. Costs are those of the batch and
 * the context that occur.
 */
final class SettingEstimator {
    /** Share by which costs are doubted when the machine has jumped. */
    private static final double DOUBT_AFTER_JUMP = 0.5;

    private final DecisionConfig config;
    private final CostTable costs;
    private final BatchBuckets buckets;
    private final Map<Family, AcceptanceEvidence> acceptance = new HashMap<>();
    private final CostDeviations deviations;
    private final List<BatchActivity> activity = new ArrayList<>();
    private final DecayingCounts switches;

    SettingEstimator(DecisionConfig config, CostTable costs) {
        this.config = config;
        this.costs = costs;
        this.buckets = costs.buckets();
        double window = config.window().toMillis();
        this.deviations = new CostDeviations(window, costs);
        this.switches = new DecayingCounts(window);
        for (int bucket = 0; bucket < buckets.size(); bucket++) {
            activity.add(new BatchActivity(window));
        }
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

    BatchActivity activity(int bucket) {
        return activity.get(bucket);
    }

    Map<Family, AcceptanceEvidence> acceptance() {
        return acceptance;
    }

    void observe(AcceptanceStats stats, long at) {
        for (SettingStatistics statistics : stats.getSettings()) {
            Setting setting = SettingCodec.of(statistics.getSetting());
            int bucket = buckets.of(statistics.getActiveBatch());
            activity.get(bucket).add(statistics, at);
            if (!setting.isOff()) {
                acceptance
                        .computeIfAbsent(
                                setting.family(),
                                family -> new AcceptanceEvidence(config.window().toMillis()))
                        .add(bucket, statistics, at);
            }
        }
        deviations.advance(at);
        stats.getPairs().forEach(pairs -> compare(pairs, at));
    }

    private void compare(PairedTurns pairs, long at) {
        Setting setting = SettingCodec.of(pairs.getSetting());
        Setting rival = SettingCodec.of(pairs.getRival());
        if (!costs.knows(setting) || !costs.knows(rival)) {
            return;
        }
        double context =
                (double) pairs.getContextTokens() / (pairs.getSettingSequenceSteps() + pairs.getRivalSequenceSteps());
        double settingBatch = (double) pairs.getSettingSequenceSteps() / pairs.getSettingSteps();
        double rivalBatch = (double) pairs.getRivalSequenceSteps() / pairs.getRivalSteps();
        double expected = Math.log(
                costs.milliseconds(rival, rivalBatch, context) / costs.milliseconds(setting, settingBatch, context));
        long count = pairs.getPairs();
        double squares = pairs.getSquaredLogTimeRatios() - pairs.getLogTimeRatios() * pairs.getLogTimeRatios() / count;
        deviations.observe(Observation.of(
                buckets.of(pairs.getActiveBatch()),
                setting,
                rival,
                count,
                (double) pairs.getRivalSteps() / count,
                pairs.getLogTimeRatios() - count * expected,
                Math.max(0, squares)));
        double settled = (pairs.getSettingMilliseconds() + pairs.getRivalMilliseconds())
                / (pairs.getSettingSteps() + pairs.getRivalSteps());
        switches.add(at, pairs.getSwitches(), pairs.getSwitchMilliseconds() - pairs.getSwitches() * settled);
    }

    /** The machine seems to have changed: what was learned of costs may not hold any more. */
    void doubtCosts() {
        deviations.doubt(DOUBT_AFTER_JUMP);
    }

    /** Share of a dwell that is left after a switch: what catching up on a drafter's cache took lately, or as configured. */
    double afterSwitch(long now) {
        double count = switches.get(0, now);
        double millis = count < 1 ? config.switchCost().toMillis() : Math.max(0, switches.get(1, now) / count);
        return 1 - Math.min(0.5, millis / config.dwell().toMillis());
    }

    /** One for each setting of the cost table, off among them. */
    List<SettingEstimate> estimates(int bucket, Setting inForce, long now) {
        deviations.advance(now);
        var estimates = new ArrayList<SettingEstimate>();
        for (Setting setting : costs.settings()) {
            AcceptanceEvidence evidence = acceptance.get(setting.family());
            double length = length(setting, bucket, now);
            estimates.add(new SettingEstimate(
                    setting,
                    setting.isOff() ? 1 : length / relativeCost(setting, bucket, now),
                    doubt(setting, inForce, bucket, now),
                    length,
                    evidence == null ? 0 : evidence.sequenceSteps(now)));
        }
        return estimates;
    }

    private double length(Setting setting, int bucket, long now) {
        AcceptanceEvidence evidence = acceptance.get(setting.family());
        return evidence == null ? 1 : evidence.acceptanceLength(bucket, setting.draftLength(), now);
    }

    /** Of a step at the batch and context that occur, over off's. */
    private double relativeCost(Setting setting, int bucket, long now) {
        double batch = batch(bucket, now);
        double context = activity.get(bucket).context(now);
        return costs.milliseconds(setting, batch, context)
                * deviations.factor(bucket, setting)
                / costs.milliseconds(Setting.OFF, batch, context);
    }

    double batch(int bucket, long now) {
        return activity.get(bucket).batch(buckets.batch(bucket), now);
    }

    private double doubt(Setting setting, Setting inForce, int bucket, long now) {
        if (setting.equals(inForce)) {
            return 0;
        }
        double ofCost = deviations.variance(bucket, setting, inForce);
        double one = acceptanceDoubt(setting, now);
        double other = acceptanceDoubt(inForce, now);
        double ofAcceptance =
                setting.family().equals(inForce.family()) ? Math.pow(one - other, 2) : one * one + other * other;
        return Math.sqrt(ofCost + ofAcceptance);
    }

    /** Standard deviation of the logarithm of the acceptance length. */
    private double acceptanceDoubt(Setting setting, long now) {
        if (setting.isOff()) {
            return 0;
        }
        AcceptanceEvidence evidence = acceptance.get(setting.family());
        return evidence == null
                ? Math.log(AcceptanceEvidence.optimisticAcceptanceLengthWithoutEvidence(setting.draftLength()))
                : evidence.doubt(setting.draftLength(), now);
    }

    double tableMilliseconds(Setting setting, double batch, double context) {
        return costs.milliseconds(setting, batch, context);
    }

    boolean knows(Setting setting) {
        return costs.knows(setting);
    }
}
