package dev.respec.stage.config;

import java.time.Duration;

/**
 * Tuning parameters of the controller.
 *
 * @param window evidence of this age weighs 1/e
 * @param hysteresis share by which a setting must be better than the one in force; off is left for at least this gain
 * @param dwell shortest stay with a setting, except that one slower than off is left at once
 * @param exploration most of the generating time that may be lost to trying other settings
 * @param collapseThreshold acceptance length when drafting below which a drafter is taken for broken
 * @param collapseCoolDown how long a collapsed drafter rests
 * @param declineThreshold share of its best acceptance length that a learned drafter may lose before an alarm
 * @param switchCost time a switch costs until it is measured, charged over one dwell
 * @param decideInterval time between decisions
 * @param minimumSamples sequence steps without which a drafter is not chosen
 * @param commitInterval time between two commits of the topology
 */
public record ControllerSection(
        Duration window,
        double hysteresis,
        Duration dwell,
        double exploration,
        double collapseThreshold,
        Duration collapseCoolDown,
        double declineThreshold,
        Duration switchCost,
        Duration decideInterval,
        int minimumSamples,
        Duration commitInterval) {
    public ControllerSection {
        InvalidValue.positive("window", window);
        InvalidValue.fraction("hysteresis", hysteresis);
        InvalidValue.positive("dwell", dwell);
        InvalidValue.fraction("exploration", exploration);
        InvalidValue.require(
                collapseThreshold >= 1, "collapse-threshold", collapseThreshold, "an acceptance length of at least 1");
        InvalidValue.positive("collapse-cool-down", collapseCoolDown);
        InvalidValue.require(
                declineThreshold > 0 && declineThreshold < 1,
                "decline-threshold",
                declineThreshold,
                "a number between 0 and 1");
        InvalidValue.atLeast(0, "switch-cost", switchCost.toMillis());
        InvalidValue.positive("decide-interval", decideInterval);
        InvalidValue.atLeast(1, "minimum-samples", minimumSamples);
        InvalidValue.positive("commit-interval", commitInterval);
    }
}
