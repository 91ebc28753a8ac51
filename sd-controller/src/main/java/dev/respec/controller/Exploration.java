package dev.respec.controller;

import dev.respec.controller.Setting.Family;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tries settings whose estimate may be wrong, within a budget of time: a credit grows with the generating time, a trial
 * spends its length. Tried is what may beat the choice in force if what is not known well turns out good; also off where
 * the setting in force has not been timed beside another lately, as everything is measured against off. Drafter families take turns.
 *
 * <p>INVARIANT: the time spent is at most {@code exploration} · generating time + {@link #BURST_INTERVALS} decide
 * intervals + one trial.
 */
final class Exploration {
    /** Credit at the start, so that the first evidence comes soon. */
    static final int BURST_INTERVALS = 6;

    /** Statistics of a trial arrive a little later; the next one waits for them. */
    private static final int GAP_INTERVALS = 4;

    private final DecisionConfig config;
    private final Map<Family, Long> lastTried = new HashMap<>();
    private double creditMillis;
    private long lastGrown = Long.MIN_VALUE;
    private long nextTrialAt = Long.MIN_VALUE;
    private Optional<Trial> trial = Optional.empty();

    /** @param until milliseconds since the epoch */
    record Trial(Setting setting, long until) {}

    Exploration(DecisionConfig config) {
        this.config = config;
        this.creditMillis = (double) BURST_INTERVALS * config.decideInterval().toMillis();
    }

    /** Counts generating time up to now. */
    void grow(long now, boolean generating) {
        if (generating && lastGrown != Long.MIN_VALUE && config.exploration() > 0) {
            double most = (double) BURST_INTERVALS * config.decideInterval().toMillis();
            long elapsed = Math.max(0, now - lastGrown);
            creditMillis = Math.min(most, creditMillis + config.exploration() * elapsed);
        }
        lastGrown = now;
    }

    Optional<Trial> running(long now) {
        trial = trial.filter(running -> now < running.until());
        return trial;
    }

    /** Starts the trial that is due at the bucket, if any. */
    Optional<Trial> start(int bucket, Choice choice, SettingEstimator estimator, Set<Family> resting, long now) {
        long interval = config.decideInterval().toMillis();
        if (config.exploration() == 0 || now < nextTrialAt || creditMillis < interval) {
            return Optional.empty();
        }
        trial = candidate(bucket, choice, estimator, resting, now).map(setting -> {
            double wanted = estimator.millisecondsForSamples(bucket, setting);
            long length = Math.max(interval, Math.min(config.dwell().toMillis(), Math.round(wanted)));
            creditMillis -= length;
            lastTried.put(setting.family(), now);
            nextTrialAt = now + length + GAP_INTERVALS * interval;
            return new Trial(setting, now + length);
        });
        return trial;
    }

    private Optional<Setting> candidate(
            int bucket, Choice choice, SettingEstimator estimator, Set<Family> resting, long now) {
        List<SettingEstimate> estimates = estimator.estimates(bucket, now);
        return estimates.stream()
                .filter(estimate -> worthTrying(estimate, bucket, choice, estimator, now))
                .filter(estimate -> !resting.contains(estimate.setting().family()))
                .min(Comparator.comparing((SettingEstimate estimate) ->
                                !estimate.setting().isOff())
                        .thenComparing(estimate ->
                                lastTried.getOrDefault(estimate.setting().family(), Long.MIN_VALUE))
                        .thenComparing(Comparator.comparingDouble(SettingEstimate::optimisticGain)
                                .reversed()))
                .map(SettingEstimate::setting);
    }

    /** Whether a running trial of the setting also makes sense at this bucket. */
    boolean worthTrying(SettingEstimate estimate, int bucket, Choice choice, SettingEstimator estimator, long now) {
        if (estimate.setting().equals(choice.setting())) {
            return false;
        }
        if (estimate.setting().isOff()) {
            return !estimator.isCompared(bucket, choice.setting(), now);
        }
        return estimate.optimisticGain() > choice.gain() * (1 + config.hysteresis());
    }
}
