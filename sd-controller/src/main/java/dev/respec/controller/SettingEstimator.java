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
    /** The machine's noise is remembered this many times longer than acceptance. */
    private static final double NOISE_MEMORY = 15;

    /** Share by which costs are doubted when the machine has jumped. */
    private static final double DOUBT_AFTER_JUMP = 0.5;

    private final DecisionConfig config;
    private final CostTable costs;
    private final BatchBuckets buckets;
    private final Map<Family, AcceptanceEvidence> acceptance = new HashMap<>();
    private final CostDeviations deviations;
    private final PairNoise noise;
    private final TotalsWitness totals = new TotalsWitness();
    private final List<BatchActivity> activity = new ArrayList<>();
    private final DecayingCounts switches;

    SettingEstimator(DecisionConfig config, CostTable costs) {
        this(
                config,
                costs,
                new CostDeviations(config.window().toMillis(), costs),
                new PairNoise(NOISE_MEMORY * config.window().toMillis()),
                new DecayingCounts(config.window().toMillis()));
        for (int bucket = 0; bucket < buckets.size(); bucket++) {
            activity.add(new BatchActivity(config.window().toMillis()));
        }
    }

    private SettingEstimator(
            DecisionConfig config,
            CostTable costs,
            CostDeviations deviations,
            PairNoise noise,
            DecayingCounts switches) {
        this.config = config;
        this.costs = costs;
        this.buckets = costs.buckets();
        this.deviations = deviations;
        this.noise = noise;
        this.switches = switches;
    }

    /** New costs; the evidence is kept, and so is what it says about the time of steps. */
    SettingEstimator withCosts(CostTable newCosts) {
        if (!buckets.equals(newCosts.buckets())) {
            return new SettingEstimator(config, newCosts); // under other buckets the counts would be of other batches
        }
        CostDeviations carried = deviations.withCosts(
                newCosts,
                (bucket, setting) ->
                        Math.log(relativeCost(costs, bucket, setting) / relativeCost(newCosts, bucket, setting)));
        var renewed = new SettingEstimator(config, newCosts, carried, noise, switches);
        renewed.activity.addAll(activity);
        renewed.acceptance.putAll(acceptance);
        return renewed;
    }

    private double relativeCost(CostTable table, int bucket, Setting setting) {
        double context = activity.get(bucket).context();
        int batch = buckets.batch(bucket);
        return table.milliseconds(setting, batch, context) / table.milliseconds(Setting.OFF, batch, context);
    }

    BatchBuckets buckets() {
        return buckets;
    }

    BatchActivity activity(int bucket) {
        return activity.get(bucket);
    }

    /** What was known of a drafter's acceptance does not hold for its new weights. */
    void forget(Family family) {
        acceptance.remove(family);
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
        stats.getSettings().forEach(statistics -> witness(statistics, at));
        for (int bucket = 0; bucket < buckets.size(); bucket++) {
            totals.take(bucket, noise.share(at), at).forEach(deviations::observe);
        }
    }

    private void witness(SettingStatistics statistics, long at) {
        Setting setting = SettingCodec.of(statistics.getSetting());
        if (costs.knows(setting) && statistics.getVerifySteps() > 0 && statistics.getSequenceSteps() > 0) {
            double batch = (double) statistics.getSequenceSteps() / statistics.getVerifySteps();
            double context = (double) statistics.getContextTokens() / statistics.getSequenceSteps();
            totals.add(
                    buckets.of(statistics.getActiveBatch()),
                    setting,
                    BatchActivity.milliseconds(statistics),
                    statistics.getVerifySteps() * costs.milliseconds(setting, batch, context),
                    at);
        }
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
        int bucket = buckets.of(pairs.getActiveBatch());
        double ofSetting = costs.milliseconds(setting, settingBatch, context);
        double ofRival = costs.milliseconds(rival, rivalBatch, context);
        long count = pairs.getPairs();
        double squares = pairs.getSquaredLogTimeRatios() - pairs.getLogTimeRatios() * pairs.getLogTimeRatios() / count;
        double mean = pairs.getLogTimeRatios() / count - Math.log(ofRival / ofSetting);
        noise.add(at, new PairNoise.Comparison(bucket, setting, rival), count, mean, Math.max(0, squares));
        totals.subtract(bucket, pairs, ofSetting, ofRival, at);
        deviations.observe(Observation.of(bucket, setting, rival, count, noise.variance(at), mean));
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
