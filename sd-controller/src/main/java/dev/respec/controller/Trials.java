package dev.respec.controller;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.PairedTurns;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.SettingTrial;
import dev.respec.speculation.Setting;
import dev.respec.speculation.Setting.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides which rivals a worker compares with the setting in force, in pairs of adjacent turns.
 *
 * <p>Tried is what promises most: the expected improvement, which is large where a rival may well be better and small
 * where it is known not to be. Each range of batches has a budget that grows with the time spent there, so that most
 * trials happen where most of the time goes. A trial is charged with what it loses: a rival that is as fast costs little.
 * Plain decoding is compared now and then in any case, as what speculation gains is measured against it.
 *
 * <p>INVARIANT: a range of batches loses at most {@code exploration} of its time to trials, {@link #burstMillis} at the
 * start and what the last trial cost.
 */
final class Trials {
    /** Budget at the start, so that the first evidence comes soon: time, or steps where those are slow. */
    private static final double BURST_MILLIS = 500;

    private static final double BURST_STEPS = 40;

    /** Time of a turn to aim at; short enough that a machine hardly changes within a pair. */
    private static final double TURN_MILLIS = 40;

    private static final int FEWEST_TURN_STEPS = 2;
    private static final int MOST_TURN_STEPS = 8;

    /** Time of a trial's rival to aim at. */
    private static final double TRIAL_MILLIS = 160;

    /** Workers run pairs two at a time, A B B A. */
    private static final int MOST_DOUBLE_PAIRS = 2;

    /** Rivals compared one after the other without hearing of the results in between. */
    static final int RIVALS_AT_ONCE = 3;

    /** Share of the budget that is kept for when the machine changes. */
    private static final double RESERVE = 0.4;

    /** Expected improvement, as a share, below which a trial is not worth its cost. */
    private static final double LEAST_IMPROVEMENT = 0.008;

    /** Doubt about a rival that was never compared here, whatever the table says: tables come from busy machines. */
    private static final double NEVER_COMPARED = 0.6;

    /** Of the time at a range of batches, one that was never compared is tried after this long without a promising one. */
    private static final double COVERAGE_MILLIS = 10_000;

    /** Slower than this share of the setting in force by the table, a rival is never tried: no table is that wrong. */
    private static final double SLOWEST = 0.2;

    /** Of the time at a range of batches, plain decoding is compared again after this long. */
    private static final double AUDIT_MILLIS = 15_000;

    /** Of its time a trial costs at least this share: the first step of a turn catches up on drafter caches. */
    private static final double LEAST_CHARGE = 0.15;

    /** A trial that the worker's batches do not let finish is given up after this long, and three times its time. */
    private static final long PATIENCE_MILLIS = 4000;

    private final DecisionConfig config;
    private final @Nullable Plan[] plans;
    private final double[] credit;
    private final boolean[] begun;
    private final double[] sinceAudit;
    private final double[] reserve;
    private final double[] sinceTrial;
    private final List<Set<Setting>> compared = new ArrayList<>();
    private final Map<Integer, Setting> inForce = new HashMap<>();
    private final Map<Integer, Map<Setting, Double>> speeds = new HashMap<>();

    /** Trials of one range of batches that are in the table. */
    private record Plan(List<SettingTrial> trials, Map<Setting, Long> pairsLeft, long until) {}

    Trials(DecisionConfig config, int buckets) {
        this.config = config;
        this.plans = new Plan[buckets];
        this.credit = new double[buckets];
        this.begun = new boolean[buckets];
        this.sinceAudit = new double[buckets];
        this.reserve = new double[buckets];
        this.sinceTrial = new double[buckets];
        Arrays.fill(sinceAudit, AUDIT_MILLIS / 2);
        for (int bucket = 0; bucket < buckets; bucket++) {
            compared.add(new HashSet<>());
        }
    }

    private static double burstMillis(double millisecondsPerStep) {
        return Math.max(BURST_MILLIS, BURST_STEPS * millisecondsPerStep);
    }

    /** Counts what one interval spent and showed. */
    void observe(AcceptanceStats stats, BatchBuckets buckets) {
        for (SettingStatistics statistics : stats.getSettings()) {
            int bucket = buckets.of(statistics.getActiveBatch());
            Setting setting = SettingCodec.of(statistics.getSetting());
            double millis = BatchActivity.milliseconds(statistics);
            double most = burstMillis(millis / Math.max(1, statistics.getVerifySteps()));
            if (!begun[bucket]) {
                begun[bucket] = true;
                credit[bucket] = most;
            }
            Setting chosen = inForce.get(bucket);
            boolean trial = chosen != null && !setting.equals(chosen); // unknown until the first choice after a start
            credit[bucket] = Math.min(most, credit[bucket] + (1 - RESERVE) * config.exploration() * millis);
            credit[bucket] -= trial ? millis * charge(bucket, setting) : 0;
            sinceAudit[bucket] += millis;
            sinceTrial[bucket] += millis;
            reserve[bucket] += RESERVE * config.exploration() * millis;
        }
        stats.getPairs().forEach(pairs -> progress(pairs, buckets.of(pairs.getActiveBatch())));
    }

    private double charge(int bucket, Setting rival) {
        return Math.max(LEAST_CHARGE, 1 - speeds.getOrDefault(bucket, Map.of()).getOrDefault(rival, 0.5));
    }

    private void progress(PairedTurns pairs, int bucket) {
        Setting rival = SettingCodec.of(pairs.getRival());
        if (rival.isOff()) {
            sinceAudit[bucket] = 0;
        }
        compared.get(bucket).add(rival);
        compared.get(bucket).add(SettingCodec.of(pairs.getSetting()));
        Plan plan = plans[bucket];
        if (plan != null) {
            plan.pairsLeft()
                    .computeIfPresent(
                            rival,
                            (key, left) -> left > pairs.getPairs() ? Long.valueOf(left - pairs.getPairs()) : null);
            plans[bucket] = plan.pairsLeft().isEmpty() ? null : plan;
        }
    }

    /** The machine seems to have changed: what is active may be tried again at once. */
    void machineChanged(int bucket, double millisecondsPerStep) {
        compared.get(bucket).clear();
        double burst = Math.min(reserve[bucket], burstMillis(millisecondsPerStep));
        reserve[bucket] -= burst;
        credit[bucket] = Math.max(0, credit[bucket]) + burst;
    }

    /** Trials to name in the table at the bucket, in order. */
    List<SettingTrial> current(int bucket, Choice choice, Set<Family> resting, long now) {
        Plan plan = plans[bucket];
        boolean over = plan == null
                || now >= plan.until()
                || !choice.setting().equals(inForce.get(bucket))
                || plan.pairsLeft().keySet().stream().anyMatch(rival -> resting.contains(rival.family()));
        if (over) {
            plans[bucket] = null;
        }
        Setting before = inForce.put(bucket, choice.setting());
        if (!choice.setting().equals(before)) {
            // what has just been chosen is confirmed at once
            sinceAudit[bucket] = AUDIT_MILLIS;
        }
        return plan == null || over ? List.of() : plan.trials();
    }

    /** Starts what is due at the bucket; {@link #current} tells it from then on. */
    void start(
            int bucket,
            Choice choice,
            List<SettingEstimate> estimates,
            Set<Family> resting,
            double millisecondsPerStep,
            long firstId,
            long now) {
        boolean audit = !choice.setting().isOff() && sinceAudit[bucket] >= AUDIT_MILLIS;
        boolean affordable = credit[bucket] > 0 || audit;
        if (plans[bucket] != null || config.exploration() == 0 || !affordable || millisecondsPerStep <= 0) {
            return;
        }
        var relative = new HashMap<Setting, Double>();
        estimates.forEach(estimate -> relative.put(estimate.setting(), estimate.gain() / Math.max(0.1, choice.gain())));
        speeds.put(bucket, relative);
        var trials = new ArrayList<SettingTrial>();
        var pairsLeft = new HashMap<Setting, Long>();
        double left = credit[bucket];
        double planned = 0;
        for (SettingEstimate rival : rivals(bucket, choice, estimates, resting, audit)) {
            double millis =
                    millisecondsPerStep * cost(rival) / Math.max(0.1, choice.acceptanceLength() / choice.gain());
            int turnSteps = bounded(TURN_MILLIS / millis, FEWEST_TURN_STEPS, MOST_TURN_STEPS);
            int pairs = 2 * bounded(TRIAL_MILLIS / (2 * turnSteps * millis), 1, MOST_DOUBLE_PAIRS);
            double lost = pairs * turnSteps * millis * charge(bucket, rival.setting());
            boolean audited = audit && rival.setting().isOff();
            if (trials.size() < RIVALS_AT_ONCE && (lost / 2 < left || audited)) {
                left -= lost;
                planned += pairs * turnSteps * (millis + millisecondsPerStep);
                trials.add(new SettingTrial(
                        firstId + trials.size(), SettingCodec.toAvro(rival.setting()), turnSteps, pairs));
                pairsLeft.put(rival.setting(), (long) pairs);
            }
        }
        if (pairsLeft.keySet().stream().anyMatch(rival -> !rival.isOff())) {
            sinceTrial[bucket] = 0;
        }
        if (pairsLeft.keySet().stream().anyMatch(Setting::isOff)) {
            sinceAudit[bucket] =
                    0; // planned is enough: pairs that never become comparable are not asked for at once again
        }
        if (!trials.isEmpty()) {
            plans[bucket] = new Plan(trials, pairsLeft, now + PATIENCE_MILLIS + Math.round(3 * planned));
        }
    }

    /** Of a step, over plain decoding's. */
    private static double cost(SettingEstimate estimate) {
        return estimate.acceptanceLength() / estimate.gain();
    }

    private static int bounded(double value, int least, int most) {
        return (int) Math.max(least, Math.min(most, Math.round(value)));
    }

    private List<SettingEstimate> rivals(
            int bucket, Choice choice, List<SettingEstimate> estimates, Set<Family> resting, boolean audit) {
        boolean cover = sinceTrial[bucket] >= COVERAGE_MILLIS;
        return estimates.stream()
                .filter(estimate -> !estimate.setting().equals(choice.setting()))
                .filter(estimate -> !resting.contains(estimate.setting().family()))
                .filter(estimate -> (audit && estimate.setting().isOff())
                        || improvement(bucket, estimate, choice) >= LEAST_IMPROVEMENT
                        || (cover && unknown(bucket, estimate, choice)))
                .sorted(Comparator.comparing((SettingEstimate estimate) ->
                                !(audit && estimate.setting().isOff()))
                        .thenComparing(Comparator.comparingDouble(
                                        (SettingEstimate estimate) -> improvement(bucket, estimate, choice))
                                .reversed()))
                .toList();
    }

    private boolean unknown(int bucket, SettingEstimate rival, Choice choice) {
        return !compared.get(bucket).contains(rival.setting()) && rival.gain() > SLOWEST * choice.gain();
    }

    /** E[max(0, ln(rival / setting in force))] of a normal belief. */
    private double improvement(int bucket, SettingEstimate rival, Choice choice) {
        double mean = Math.log(rival.gain() / Math.max(0.1, choice.gain()));
        double least = compared.get(bucket).contains(rival.setting()) ? 1e-6 : NEVER_COMPARED;
        double doubt = Math.max(least, rival.doubt());
        double z = mean / doubt;
        double density = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
        return mean * NormalDistribution.below(z) + doubt * density;
    }
}
