package dev.respec.controller;

import dev.respec.speculation.Setting.Family;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * Chooses the setting of one bucket: a function of the choice in force, the estimates and the time.
 *
 * <p>Argmax of the gain less a share of its doubt, off being 1. The choice is left at once where its drafter rests or where
 * it is surely slower than off; otherwise only after the dwell time, and only for a gain that beats it by the hysteresis after the switching
 * charge and by more than that share of the doubt. A drafter with too few samples is not chosen, and is not
 * left for want of samples either.
 */
final class SettingDecision {
    /** Standard deviations by which a difference must exceed zero. */
    private static final double SURENESS = 0.9;

    /** The same for leaving plain decoding once it was found best: what is looked at often seems better once by luck. */
    private static final double SURENESS_FROM_OFF = 1.4;

    /** The same for going back to plain decoding. */
    private static final double SURENESS_TO_OFF = 0.4;

    private final DecisionConfig config;
    private final double afterSwitch;

    /** @param afterSwitch share of a dwell that is left after a switch */
    SettingDecision(DecisionConfig config, double afterSwitch) {
        this.config = config;
        this.afterSwitch = afterSwitch;
    }

    Choice choose(Choice current, List<SettingEstimate> estimates, Set<Family> resting, long now) {
        SettingEstimate off = estimates.stream()
                .filter(estimate -> estimate.setting().isOff())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no estimate of off"));
        double sureness = sureness(current);
        SettingEstimate best = estimates.stream()
                .filter(estimate -> estimate.setting().isOff() || known(estimate))
                .filter(estimate -> !resting.contains(estimate.setting().family()))
                .max(Comparator.comparingDouble(estimate -> surely(estimate, sureness)))
                .orElse(off);
        if (resting.contains(current.setting().family())) {
            return leave(best, off, sureness, Reason.COLLAPSE, now);
        }
        SettingEstimate here = estimates.stream()
                .filter(estimate -> estimate.setting().equals(current.setting()))
                .findFirst()
                .orElse(null);
        if (here == null) {
            return leave(best, off, sureness, Reason.NO_DATA, now);
        }
        if (!here.setting().isOff() && known(here) && slower(here, off)) {
            return leave(best, off, sureness, Reason.SLOWER, now);
        }
        if (best.setting().equals(here.setting())) {
            return current.renewed(here, keptBest(current, estimates));
        }
        if (now < current.since() + config.dwell().toMillis()) {
            return current.renewed(here, Reason.DWELL);
        }
        return beats(best, here.gain(), sureness)
                ? Choice.of(best, now, Reason.ARGMAX)
                : current.renewed(here, Reason.HYSTERESIS);
    }

    /** Before anything was chosen the cost table decides; plain decoding that was found best is left with more care. */
    private static double sureness(Choice current) {
        return current.setting().isOff() && current.reason() != Reason.NO_DATA ? SURENESS_FROM_OFF : SURENESS;
    }

    /** To the best where it is well above off, else to off. */
    private Choice leave(SettingEstimate best, SettingEstimate off, double sureness, Reason why, long now) {
        return beats(best, 1, sureness) ? Choice.of(best, now, Reason.ARGMAX) : Choice.of(off, now, why);
    }

    private boolean beats(SettingEstimate best, double gain, double sureness) {
        return !best.setting().isOff()
                && best.gain() * afterSwitch >= gain * (1 + config.hysteresis())
                && surely(best, sureness) >= gain;
    }

    /** What a gain amounts to beside that of the setting in force, its doubt taken off. */
    private static double surely(SettingEstimate estimate, double sureness) {
        return estimate.gain() * Math.exp(-sureness * estimate.doubt());
    }

    private static boolean slower(SettingEstimate here, SettingEstimate off) {
        return Math.log(1 / here.gain()) > SURENESS_TO_OFF * off.doubt();
    }

    private Reason keptBest(Choice current, List<SettingEstimate> estimates) {
        if (!current.setting().isOff()) {
            return Reason.ARGMAX;
        }
        boolean anyKnown =
                estimates.stream().anyMatch(estimate -> !estimate.setting().isOff() && known(estimate));
        // Why off was chosen stays worth telling until something is known again.
        return anyKnown ? Reason.ARGMAX : current.reason();
    }

    private boolean known(SettingEstimate estimate) {
        return estimate.samples() >= config.minimumSamples();
    }
}
