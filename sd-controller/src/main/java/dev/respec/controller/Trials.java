package dev.respec.controller;

import dev.respec.controller.TrialOffer.Terms;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.PairedTurns;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.SettingTrial;
import dev.respec.speculation.Setting;
import dev.respec.speculation.Setting.Family;
import dev.respec.stage.config.ControllerSection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides which rivals a worker compares with the setting in force, in pairs of adjacent turns: those whose {@link TrialOffer}
 * promises more than it costs, the best first, within the {@link TrialBudget} of the range of batches. Plain decoding is
 * compared now and then in any case.
 */
final class Trials {
    /** Rivals compared one after the other without hearing of the results in between. */
    static final int RIVALS_AT_ONCE = 3;

    /** A trial that the worker's batches do not let finish is given up after this long, and three times its time. */
    private static final long PATIENCE_MILLIS = 4000;

    /** A range of batches that takes less of the time on the clock is waited for as if it took this much. */
    private static final double LEAST_SHARE_OF_WALL = 0.02;

    private final ControllerSection config;
    private final List<Place> places = new ArrayList<>();

    /** Trials of one range of batches that are in the table. */
    private record Plan(List<SettingTrial> trials, Map<Setting, Long> pairsLeft, long until) {}

    /** One range of batches. */
    private static final class Place {
        private final TrialBudget budget;
        private @Nullable Plan plan;
        private @Nullable Setting inForce;

        /** Of rivals over the setting in force, as believed when the last trial began. */
        private Map<Setting, Double> speeds = Map.of();

        Place(ControllerSection config) {
            budget = new TrialBudget(config.exploration());
        }

        /** Share of its time that a rival loses. */
        double loss(Setting rival) {
            return Math.max(0, 1 - speeds.getOrDefault(rival, 0.5));
        }
    }

    Trials(ControllerSection config, int buckets) {
        this.config = config;
        for (int bucket = 0; bucket < buckets; bucket++) {
            places.add(new Place(config));
        }
    }

    /** Counts what one interval spent and showed. */
    void observe(AcceptanceStats stats, BatchBuckets buckets) {
        for (SettingStatistics statistics : stats.getSettings()) {
            Place place = places.get(buckets.of(statistics.getActiveBatch()));
            Setting setting = SettingCodec.of(statistics.getSetting());
            double millis = BatchActivity.milliseconds(statistics);
            place.budget.passed(millis, millis / Math.max(1, statistics.getVerifySteps()));
            if (place.inForce != null && !setting.equals(place.inForce)) {
                place.budget.lost(millis * place.loss(setting));
            }
        }
        stats.getPairs().forEach(pairs -> progress(pairs, places.get(buckets.of(pairs.getActiveBatch()))));
    }

    private static void progress(PairedTurns pairs, Place place) {
        place.budget.lost(Math.max(0, SettingEstimator.switchMilliseconds(pairs)));
        Plan plan = place.plan;
        if (plan != null) {
            plan.pairsLeft()
                    .computeIfPresent(
                            SettingCodec.of(pairs.getRival()),
                            (key, left) -> left > pairs.getPairs() ? Long.valueOf(left - pairs.getPairs()) : null);
            place.plan = plan.pairsLeft().isEmpty() ? null : plan;
        }
    }

    /** Trials to name in the table at the bucket, in order. */
    List<SettingTrial> current(int bucket, Choice choice, Set<Family> resting, long now) {
        Place place = places.get(bucket);
        Plan plan = place.plan;
        boolean over = plan == null
                || now >= plan.until()
                || !choice.setting().equals(place.inForce)
                || plan.pairsLeft().keySet().stream().anyMatch(rival -> resting.contains(rival.family()));
        if (over) {
            place.plan = null;
        }
        place.inForce = choice.setting();
        return plan == null || over ? List.of() : plan.trials();
    }

    /**
     * Where and when a trial would run.
     *
     * @param workers that decode: one of them runs it, so that many waste no more than one
     * @param firstId of its trials
     */
    record Occasion(int bucket, Terms terms, Workers workers, long firstId, long now) {}

    /** Starts what is worth it at the bucket; {@link #current} tells it from then on. */
    void start(Occasion occasion, Choice choice, List<SettingEstimate> estimates, Set<Family> resting) {
        Place place = places.get(occasion.bucket());
        if (place.plan != null || config.exploration() == 0 || occasion.terms().stepMillis() <= 0) {
            return;
        }
        Map<Setting, Double> speeds = new HashMap<>();
        estimates.forEach(estimate -> speeds.put(estimate.setting(), estimate.gain() / choice.gain()));
        place.speeds = speeds;
        List<TrialOffer> chosen = new ArrayList<>();
        audit(place, choice, estimates, occasion.terms()).ifPresent(chosen::add);
        double left = place.budget.left();
        for (TrialOffer offer : offers(choice, estimates, resting, occasion.terms())) {
            boolean again = chosen.stream().anyMatch(each -> each.rival().equals(offer.rival()));
            TrialOffer affordable = offer.first(
                    (int) Math.min(TrialOffer.MOST_DOUBLE_PAIRS, offer.doublePairs() * left / offer.loss()));
            if (!again && chosen.size() < RIVALS_AT_ONCE && affordable.doublePairs() >= 1) {
                left -= affordable.loss();
                chosen.add(affordable);
            }
        }
        if (!chosen.isEmpty()) {
            place.plan = plan(occasion, chosen);
        }
    }

    /** A comparison with plain decoding, if one is due; it is paid for with this. */
    private Optional<TrialOffer> audit(Place place, Choice choice, List<SettingEstimate> estimates, Terms terms) {
        Optional<TrialOffer> due = estimates.stream()
                .filter(estimate ->
                        estimate.setting().isOff() && !choice.setting().isOff())
                .map(plain -> TrialOffer.audit(plain, choice, config.hysteresis(), terms))
                .filter(offer -> place.budget.auditIsDue(offer.loss()))
                .findFirst();
        due.ifPresent(offer -> place.budget.audit(offer.loss()));
        return due;
    }

    /** What is worth its cost, the best first. */
    private List<TrialOffer> offers(Choice choice, List<SettingEstimate> estimates, Set<Family> resting, Terms terms) {
        return estimates.stream()
                .filter(rival -> !rival.setting().equals(choice.setting()))
                .filter(rival -> !resting.contains(rival.setting().family()))
                .map(rival -> TrialOffer.best(rival, choice, config.hysteresis(), terms))
                .filter(offer -> offer.worth() > 1)
                .sorted(Comparator.comparingDouble(TrialOffer::worth).reversed())
                .toList();
    }

    private static Plan plan(Occasion occasion, List<TrialOffer> chosen) {
        List<SettingTrial> trials = new ArrayList<>();
        Map<Setting, Long> pairsLeft = new HashMap<>();
        double planned = 0;
        String worker = occasion.workers().next();
        for (TrialOffer offer : chosen) {
            trials.add(new SettingTrial(
                    occasion.firstId() + trials.size(),
                    SettingCodec.toAvro(offer.rival()),
                    TrialOffer.FEWEST_TURN_STEPS,
                    2 * offer.doublePairs(),
                    offer.turnMillis(),
                    worker));
            pairsLeft.put(offer.rival(), 2L * offer.doublePairs());
            planned += 2 * offer.rivalMillis();
        }
        double share = occasion.terms().busyWorkers() / occasion.workers().size();
        double wall = planned / Math.max(LEAST_SHARE_OF_WALL, Math.min(1, share));
        return new Plan(trials, pairsLeft, occasion.now() + PATIENCE_MILLIS + Math.round(3 * wall));
    }
}
