package dev.respec.controller;

import dev.respec.speculation.Setting.Family;
import dev.respec.stage.config.ControllerSection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * Chooses the setting of one bucket: a function of the choice in force, the estimates and the time.
 *
 * <p>Argmax of the gain less a share of its doubt, off being 1. The choice is left at once if its drafter rests or if
 * it is surely slower than off; otherwise only after the dwell time, and only for a gain that beats it by the hysteresis after the switching
 * charge and by more than that share of the doubt. A drafter with too few samples is not chosen, and is not
 * left for want of samples either.
 */
final class SettingDecision {
    /** Standard deviations by which a setting must be better than the one in force. */
    private static final double SURENESS = 1.2;

    /** By which plain decoding must be: it is what is left if nothing is known, and needs little proof. */
    private static final double SURENESS_OF_PLAIN = 0.2;

    private final ControllerSection config;

    /** Share of a dwell that is left after a switch. */
    private final double afterSwitch;

    /** @param switchMillis time that a switch costs */
    SettingDecision(ControllerSection config, double switchMillis) {
        this.config = config;
        this.afterSwitch = 1 - Math.min(0.5, switchMillis / config.dwell().toMillis());
    }

    Choice choose(Choice current, List<SettingEstimate> estimates, Set<Family> resting, long now) {
        SettingEstimate off = estimates.stream()
                .filter(estimate -> estimate.setting().isOff())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no estimate of off"));
        SettingEstimate best = estimates.stream()
                .filter(estimate -> estimate.setting().isOff() || known(estimate))
                .filter(estimate -> !resting.contains(estimate.setting().family()))
                .max(Comparator.comparingDouble(estimate -> surely(estimate)))
                .orElse(off);
        if (resting.contains(current.setting().family())) {
            return leave(best, off, Reason.COLLAPSE, now);
        }
        SettingEstimate here = estimates.stream()
                .filter(estimate -> estimate.setting().equals(current.setting()))
                .findFirst()
                .orElse(null);
        if (here == null) {
            return leave(best, off, Reason.NO_DATA, now);
        }
        if (!here.setting().isOff() && known(here) && slower(here, off)) {
            return leave(best, off, Reason.SLOWER, now);
        }
        if (best.setting().equals(here.setting())) {
            return current.renewed(here, keptBest(current, estimates));
        }
        if (now < current.since() + config.dwell().toMillis()) {
            return current.renewed(here, Reason.DWELL);
        }
        return beats(best, here.gain())
                ? Choice.of(best, now, Reason.ARGMAX)
                : current.renewed(here, Reason.HYSTERESIS);
    }

    /** To the best if it is well above off, else to off. */
    private Choice leave(SettingEstimate best, SettingEstimate off, Reason why, long now) {
        return beats(best, 1) ? Choice.of(best, now, Reason.ARGMAX) : Choice.of(off, now, why);
    }

    private boolean beats(SettingEstimate best, double gain) {
        return !best.setting().isOff()
                && best.gain() * afterSwitch >= gain * (1 + config.hysteresis())
                && surely(best) >= gain;
    }

    /** What a gain amounts to beside that of the setting in force, its doubt taken off. */
    private static double surely(SettingEstimate estimate) {
        return estimate.gain() * Math.exp(-SURENESS * estimate.doubt());
    }

    private static boolean slower(SettingEstimate here, SettingEstimate off) {
        return Math.log(1 / here.gain()) > SURENESS_OF_PLAIN * off.doubt();
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
