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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
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

    private static final double BURST_STEPS = 20;

    /** Share of a range's first time that may go into the budget at the start: the burst of one that hardly occurs is small. */
    private static final double BURST_SHARE = 0.15;

    /**
     * Time of a turn to aim at. Many short turns tell more than a few long ones of the same time, because most of a
     * machine's noise is gone after milliseconds (docs/LOG.md); but each begins with a step that does not count.
     */
    private static final double TURN_MILLIS = 20;

    private static final int FEWEST_TURN_STEPS = 2;

    /** Time of a trial's rival to aim at. */
    private static final double TRIAL_MILLIS = 320;

    /** Workers run pairs two at a time, A B B A. */
    private static final int MOST_DOUBLE_PAIRS = 8;

    /** Two at a time, to learn the acceptance of a drafter that is not known: at a small batch that takes many steps. */
    private static final int MOST_SOUNDINGS = 30;

    /** Rivals compared one after the other without hearing of the results in between. */
    static final int RIVALS_AT_ONCE = 3;

    /** Share of the budget that is kept for when the machine changes. */
    private static final double RESERVE = 0.4;

    /** Of the time at a range of batches, one that was never compared is tried after this long without a promising one. */
    private static final double COVERAGE_MILLIS = 10_000;

    /** Of the time at a range of batches, plain decoding is compared again after this long. */
    private static final double AUDIT_MILLIS = 15_000;

    /** A choice that was confirmed is audited up to this many times less often. */
    private static final int LONGEST_AUDIT = 4;

    /** Of its time a trial costs at least this share: the first step of a turn catches up on drafter caches. */
    private static final double LEAST_CHARGE = 0.15;

    /** A trial that the worker's batches do not let finish is given up after this long, and three times its time. */
    private static final long PATIENCE_MILLIS = 4000;

    /** A range of batches that takes less of the time on the clock is waited for as if it took this much. */
    private static final double LEAST_SHARE_OF_WALL = 0.02;

    private final DecisionConfig config;
    private final Rivals rivals;
    private final @Nullable Plan[] plans;
    private final double[] credit;
    private final double[] granted;
    private final double[] sinceAudit;
    private final int[] audits;
    private final double[] reserve;
    private final double[] sinceTrial;
    private final List<Set<Setting>> compared = new ArrayList<>();
    private final Map<Integer, Setting> inForce = new HashMap<>();
    private final Map<Integer, Map<Setting, Double>> speeds = new HashMap<>();

    /** Trials of one range of batches that are in the table. */
    private record Plan(List<SettingTrial> trials, Map<Setting, Long> pairsLeft, long until) {}

    Trials(DecisionConfig config, int buckets) {
        this.config = config;
        this.rivals = new Rivals(config.minimumSamples());
        this.plans = new Plan[buckets];
        this.credit = new double[buckets];
        this.granted = new double[buckets];
        this.sinceAudit = new double[buckets];
        this.audits = new int[buckets];
        this.reserve = new double[buckets];
        this.sinceTrial = new double[buckets];
        Arrays.fill(sinceAudit, AUDIT_MILLIS / 2);
        for (int bucket = 0; bucket < buckets; bucket++) {
            compared.add(new HashSet<>());
        }
    }

    /** The oftener a choice was confirmed, the longer it is trusted. */
    private double auditMillis(int bucket) {
        return AUDIT_MILLIS * Math.max(1, Math.min(LONGEST_AUDIT, audits[bucket]));
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
            double burst = Math.max(0, Math.min(most - granted[bucket], BURST_SHARE * millis));
            granted[bucket] += burst;
            credit[bucket] += burst;
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
            audits[bucket]++;
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
            audits[bucket] = 0;
        }
        return plan == null || over ? List.of() : plan.trials();
    }

    /**
     * Where and when a trial would run.
     *
     * @param activeBatch of recent steps at the bucket
     * @param millisecondsPerStep of the same steps
     * @param shareOfWall of the time on the clock that a worker spends at the bucket
     * @param worker who runs it: one of those that decode, so that many waste no more than one
     * @param firstId of its trials
     */
    record Occasion(
            int bucket,
            double activeBatch,
            double millisecondsPerStep,
            double shareOfWall,
            String worker,
            long firstId,
            long now) {}

    /** Starts what is due at the bucket; {@link #current} tells it from then on. */
    void start(Occasion occasion, Choice choice, List<SettingEstimate> estimates, Set<Family> resting) {
        int bucket = occasion.bucket();
        double millisecondsPerStep = occasion.millisecondsPerStep();
        boolean audit = !choice.setting().isOff() && sinceAudit[bucket] >= auditMillis(bucket);
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
        var situation = new Rivals.Situation(
                choice,
                estimates,
                resting,
                compared.get(bucket),
                audit,
                sinceTrial[bucket] >= COVERAGE_MILLIS,
                compared.stream().flatMap(Set::stream).map(Setting::family).collect(Collectors.toSet()));
        for (SettingEstimate rival : rivals.ranked(situation)) {
            SettingTrial trial = trial(rival, choice, occasion, trials.size());
            double millis = trial.getPairs() * trial.getTurnMilliseconds();
            double lost = millis * charge(bucket, rival.setting());
            boolean due = audit && rival.setting().isOff() || rivals.isFirstHearing(rival, situation);
            if (trials.size() < RIVALS_AT_ONCE && (lost / 2 < left || due)) {
                left -= lost;
                planned += 2 * millis;
                trials.add(trial);
                pairsLeft.put(rival.setting(), (long) trial.getPairs());
            }
        }
        begin(occasion, trials, pairsLeft, planned);
    }

    private SettingTrial trial(SettingEstimate rival, Choice choice, Occasion occasion, int number) {
        double here = occasion.millisecondsPerStep();
        double millis = here * cost(rival) / Math.max(0.1, choice.acceptanceLength() / choice.gain());
        // turns of both sides take the same time, however many steps that are: noise belongs to time
        double turnMillis = Math.max(TURN_MILLIS, FEWEST_TURN_STEPS * Math.max(millis, here));
        double soundings = config.minimumSamples() * millis / occasion.activeBatch() / (2 * turnMillis);
        int doublePairs = rivals.unheard(rival)
                ? bounded(soundings, MOST_SOUNDINGS)
                : bounded(TRIAL_MILLIS / (2 * turnMillis), MOST_DOUBLE_PAIRS);
        return new SettingTrial(
                occasion.firstId() + number,
                SettingCodec.toAvro(rival.setting()),
                FEWEST_TURN_STEPS,
                2 * doublePairs,
                turnMillis,
                occasion.worker());
    }

    private void begin(Occasion occasion, List<SettingTrial> trials, Map<Setting, Long> pairsLeft, double planned) {
        int bucket = occasion.bucket();
        if (pairsLeft.keySet().stream().anyMatch(rival -> !rival.isOff())) {
            sinceTrial[bucket] = 0;
        }
        if (pairsLeft.containsKey(Setting.OFF)) {
            sinceAudit[bucket] = 0; // pairs that never become comparable are not asked for at once again
        }
        if (!trials.isEmpty()) {
            double wall = planned / Math.max(LEAST_SHARE_OF_WALL, Math.min(1, occasion.shareOfWall()));
            plans[bucket] = new Plan(trials, pairsLeft, occasion.now() + PATIENCE_MILLIS + Math.round(3 * wall));
        }
    }

    /** Of a step, over plain decoding's. */
    private static double cost(SettingEstimate estimate) {
        return estimate.acceptanceLength() / estimate.gain();
    }

    private static int bounded(double value, int most) {
        return (int) Math.max(1, Math.min(most, Math.round(value)));
    }
}
