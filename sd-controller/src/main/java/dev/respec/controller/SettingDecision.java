package dev.respec.controller;

import dev.respec.controller.Setting.Family;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * Chooses the setting of one bucket: a function of the choice in force, the estimates and the time.
 *
 * <p>Argmax of the gain, off being 1. The choice is left at once where its drafter rests or where it is slower than off;
 * otherwise only after the dwell time, and only for a gain that beats it by the hysteresis after the switching charge.
 * A drafter with too few samples is not chosen, and is not left for want of samples either.
 */
final class SettingDecision {
    private SettingDecision() {}

    static Choice choose(
            Choice current, List<SettingEstimate> estimates, Set<Family> resting, long now, DecisionConfig config) {
        SettingEstimate off = estimates.stream()
                .filter(estimate -> estimate.setting().isOff())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no estimate of off"));
        SettingEstimate best = estimates.stream()
                .filter(estimate -> estimate.setting().isOff() || known(estimate, config))
                .filter(estimate -> !resting.contains(estimate.setting().family()))
                .max(Comparator.comparingDouble(SettingEstimate::gain))
                .orElse(off);
        if (resting.contains(current.setting().family())) {
            return leave(best, off, Reason.COLLAPSE, now, config);
        }
        SettingEstimate here = estimates.stream()
                .filter(estimate -> estimate.setting().equals(current.setting()))
                .findFirst()
                .orElse(null);
        if (here == null) {
            return leave(best, off, Reason.NO_DATA, now, config);
        }
        if (!here.setting().isOff() && known(here, config) && here.gain() < 1) {
            return leave(best, off, Reason.SLOWER, now, config);
        }
        if (best.setting().equals(here.setting())) {
            return current.renewed(here, keptBest(current, estimates, config));
        }
        if (now < current.since() + config.dwell().toMillis()) {
            return current.renewed(here, Reason.DWELL);
        }
        return beats(best, here.gain(), config)
                ? Choice.of(best, now, Reason.ARGMAX)
                : current.renewed(here, Reason.HYSTERESIS);
    }

    /** To the best where it is well above off, else to off. */
    private static Choice leave(
            SettingEstimate best, SettingEstimate off, Reason why, long now, DecisionConfig config) {
        return beats(best, 1, config) ? Choice.of(best, now, Reason.ARGMAX) : Choice.of(off, now, why);
    }

    private static boolean beats(SettingEstimate best, double gain, DecisionConfig config) {
        return !best.setting().isOff() && best.gain() * config.afterSwitch() >= gain * (1 + config.hysteresis());
    }

    private static Reason keptBest(Choice current, List<SettingEstimate> estimates, DecisionConfig config) {
        if (!current.setting().isOff()) {
            return Reason.ARGMAX;
        }
        boolean anyKnown =
                estimates.stream().anyMatch(estimate -> !estimate.setting().isOff() && known(estimate, config));
        // Why off was chosen stays worth telling until something is known again.
        return anyKnown ? Reason.ARGMAX : current.reason();
    }

    private static boolean known(SettingEstimate estimate, DecisionConfig config) {
        return estimate.samples() >= config.minimumSamples();
    }
}
