package dev.respec.controller;

import dev.respec.controller.CostDeviations.Observation;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.PairedTurns;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingStatistics;
import dev.respec.speculation.Setting;
import dev.respec.speculation.Setting.Family;
import dev.respec.stage.config.ControllerSection;
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

    /** Standard deviation by which relative costs may have changed when the machine has jumped. */
    private static final double CHANGE_IN_A_JUMP = 0.2;

    private final ControllerSection config;
    private final CostTable costs;
    private final BatchBuckets buckets;
    private final Map<Family, AcceptanceEvidence> acceptance = new HashMap<>();
    private final CostDeviations deviations;
    private final PairNoise noise;
    private final TotalsWitness totals = new TotalsWitness();
    private final List<BatchActivity> activity = new ArrayList<>();
    private final DecayingCounts switches;

    SettingEstimator(ControllerSection config, CostTable costs) {
        this(
                config,
                costs,
                new CostDeviations(costs),
                new PairNoise(NOISE_MEMORY * config.window().toMillis()),
                new DecayingCounts(NOISE_MEMORY * config.window().toMillis()));
        for (int bucket = 0; bucket < buckets.size(); bucket++) {
            activity.add(new BatchActivity(config.window().toMillis()));
        }
    }

    private SettingEstimator(
            ControllerSection config,
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
        List<PairedTurns> comparable = stats.getPairs().stream()
                .filter(pairs -> costs.knows(SettingCodec.of(pairs.getSetting()))
                        && costs.knows(SettingCodec.of(pairs.getRival())))
                .toList();
        // the noise of an interval is learned before its pairs are weighed by it
        comparable.forEach(pairs -> learnNoise(pairs, at));
        comparable.forEach(pairs -> compare(pairs, at));
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

    private double expectedOfSetting(PairedTurns pairs) {
        double batch = (double) pairs.getSettingSequenceSteps() / pairs.getSettingSteps();
        return costs.milliseconds(SettingCodec.of(pairs.getSetting()), batch, context(pairs));
    }

    private double expectedOfRival(PairedTurns pairs) {
        double batch = (double) pairs.getRivalSequenceSteps() / pairs.getRivalSteps();
        return costs.milliseconds(SettingCodec.of(pairs.getRival()), batch, context(pairs));
    }

    private static double context(PairedTurns pairs) {
        return (double) pairs.getContextTokens() / (pairs.getSettingSequenceSteps() + pairs.getRivalSequenceSteps());
    }

    /** Mean over the pairs of ln(rival's step time / setting's), above the table's. */
    private double aboveTable(PairedTurns pairs) {
        return pairs.getLogTimeRatios() / pairs.getPairs()
                - Math.log(expectedOfRival(pairs) / expectedOfSetting(pairs));
    }

    private void learnNoise(PairedTurns pairs, long at) {
        var comparison = new PairNoise.Comparison(
                buckets.of(pairs.getActiveBatch()),
                SettingCodec.of(pairs.getSetting()),
                SettingCodec.of(pairs.getRival()));
        double squares = pairs.getSquaredLogTimeRatios()
                - pairs.getLogTimeRatios() * pairs.getLogTimeRatios() / pairs.getPairs();
        noise.add(at, comparison, pairs.getPairs(), aboveTable(pairs), Math.max(0, squares));
    }

    private void compare(PairedTurns pairs, long at) {
        int bucket = buckets.of(pairs.getActiveBatch());
        totals.subtract(bucket, pairs, expectedOfSetting(pairs), expectedOfRival(pairs), at);
        deviations.observe(Observation.of(
                bucket,
                SettingCodec.of(pairs.getSetting()),
                SettingCodec.of(pairs.getRival()),
                pairs.getPairs(),
                noise.variance(at),
                aboveTable(pairs)));
        switches.add(at, pairs.getSwitches(), switchMilliseconds(pairs));
    }

    /** What the steps after changes of setting took longer than the others: they catch up on drafter caches. */
    static double switchMilliseconds(PairedTurns pairs) {
        // half of the changes are to each side
        double settled = (pairs.getSettingMilliseconds() / pairs.getSettingSteps()
                        + pairs.getRivalMilliseconds() / pairs.getRivalSteps())
                / 2;
        return pairs.getSwitchMilliseconds() - pairs.getSwitches() * settled;
    }

    /** The machine seems to have changed: what was learned of costs may not hold any more. */
    void doubtCosts() {
        deviations.doubt(CHANGE_IN_A_JUMP);
    }

    /** What the first step after a change of setting takes longer: as measured lately, or as configured. */
    double switchMillis(long now) {
        double count = switches.get(0, now);
        return count < 1 ? config.switchCost().toMillis() : Math.max(0, switches.get(1, now) / count);
    }

    /** Of the logarithm that one pair of turns shows. */
    double pairVariance(long now) {
        return noise.variance(now);
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
                    deviations.variance(bucket, setting, inForce),
                    acceptanceVariance(setting, inForce, now),
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

    private double acceptanceVariance(Setting setting, Setting inForce, long now) {
        double one = acceptanceDoubt(setting, now);
        double other = acceptanceDoubt(inForce, now);
        return setting.family().equals(inForce.family()) ? Math.pow(one - other, 2) : one * one + other * other;
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
