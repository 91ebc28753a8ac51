package dev.respec.controller;

import dev.respec.speculation.Setting;
import dev.respec.speculation.Setting.Family;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** Which settings are worth a comparison with the one in force, and in which order. */
final class Rivals {
    /** Expected improvement, as a share, below which a trial is not worth its cost. */
    private static final double LEAST_IMPROVEMENT = 0.008;

    /** Doubt about a rival that was never compared here, whatever the table says: tables come from busy machines. */
    private static final double NEVER_COMPARED = 0.6;

    /** Slower than this share of the setting in force by the table, a rival is never tried: no table is that wrong. */
    private static final double SLOWEST = 0.2;

    private final int minimumSamples;

    /** @param minimumSamples sequence steps without which a drafter's acceptance is not known */
    Rivals(int minimumSamples) {
        this.minimumSamples = minimumSamples;
    }

    /**
     * What is known at a range of batches.
     *
     * @param compared settings of which there are pairs
     * @param audit whether plain decoding is compared in any case
     * @param cover whether a setting that was never compared is, even if it does not promise much
     * @param heard families that were compared anywhere: the acceptance of others is measured before anything else
     */
    record Situation(
            Choice choice,
            List<SettingEstimate> estimates,
            Set<Family> resting,
            Set<Setting> compared,
            boolean audit,
            boolean cover,
            Set<Family> heard) {}

    List<SettingEstimate> ranked(Situation here) {
        return here.estimates().stream()
                .filter(rival -> !rival.setting().equals(here.choice().setting()))
                .filter(rival -> !here.resting().contains(rival.setting().family()))
                .filter(rival -> !unheard(rival) || longest(rival, here.estimates()))
                .filter(rival -> audited(rival, here)
                        || promise(rival, here) >= LEAST_IMPROVEMENT
                        || (here.cover() && unknown(rival, here)))
                .sorted(Comparator.comparing((SettingEstimate rival) -> !isFirstHearing(rival, here))
                        .thenComparing(rival -> !audited(rival, here))
                        .thenComparing(rival -> -promise(rival, here)))
                .toList();
    }

    /** Whether the drafter's acceptance is not known and was never measured at any batch. */
    boolean isFirstHearing(SettingEstimate rival, Situation here) {
        return unheard(rival) && !here.heard().contains(rival.setting().family());
    }

    /** One whose drafter's acceptance is not known; a few steps tell it for all lengths and batches. */
    boolean unheard(SettingEstimate rival) {
        return !rival.setting().isOff() && rival.samples() < minimumSamples;
    }

    private static boolean audited(SettingEstimate rival, Situation here) {
        return here.audit() && rival.setting().isOff();
    }

    /** The longest draft tells the acceptance of the shorter ones, too. */
    private static boolean longest(SettingEstimate rival, List<SettingEstimate> estimates) {
        return estimates.stream()
                .map(SettingEstimate::setting)
                .noneMatch(other -> other.family().equals(rival.setting().family())
                        && other.draftLength() > rival.setting().draftLength());
    }

    /** The expected improvement; where the acceptance of the drafter is not known, the largest of any length. */
    private double promise(SettingEstimate rival, Situation here) {
        Family family = rival.setting().family();
        return here.estimates().stream()
                .filter(other -> other.equals(rival)
                        || (unheard(rival) && other.setting().family().equals(family)))
                .mapToDouble(other -> improvement(other, here))
                .max()
                .orElse(0);
    }

    private static boolean unknown(SettingEstimate rival, Situation here) {
        return !here.compared().contains(rival.setting())
                && rival.gain() > SLOWEST * here.choice().gain();
    }

    /** E[max(0, ln(rival / setting in force))] of a normal belief. */
    private static double improvement(SettingEstimate rival, Situation here) {
        double mean = Math.log(rival.gain() / Math.max(0.1, here.choice().gain()));
        double least = here.compared().contains(rival.setting()) ? 1e-6 : NEVER_COMPARED;
        double doubt = Math.max(least, rival.doubt());
        double z = mean / doubt;
        double density = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
        return mean * NormalDistribution.below(z) + doubt * density;
    }
}
