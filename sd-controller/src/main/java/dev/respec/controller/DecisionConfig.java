package dev.respec.controller;

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
 * @param minimumSamples sequence steps without which a drafter is not chosen
 * @param switchCost time a switch costs until it is measured, charged over one dwell
 * @param decideInterval time between decisions
 */
record DecisionConfig(
        Duration window,
        double hysteresis,
        Duration dwell,
        double exploration,
        double collapseThreshold,
        Duration collapseCoolDown,
        double declineThreshold,
        int minimumSamples,
        Duration switchCost,
        Duration decideInterval) {
    DecisionConfig {
        requirePositive("window", window);
        requirePositive("dwell", dwell);
        requirePositive("collapse-cool-down", collapseCoolDown);
        requirePositive("decide-interval", decideInterval);
        require(!switchCost.isNegative(), "switch-cost", switchCost, "0 or more");
        require(hysteresis >= 0 && hysteresis <= 1, "hysteresis", hysteresis, "0 to 1");
        require(exploration >= 0 && exploration <= 1, "exploration", exploration, "0 to 1");
        require(collapseThreshold >= 1, "collapse-threshold", collapseThreshold, "1 or more");
        require(declineThreshold > 0 && declineThreshold < 1, "decline-threshold", declineThreshold, "between 0 and 1");
        require(minimumSamples >= 1, "minimum-samples", minimumSamples, "1 or more");
    }

    private static void requirePositive(String name, Duration value) {
        require(!value.isNegative() && !value.isZero(), name, value, "more than 0");
    }

    private static void require(boolean met, String name, Object value, String expected) {
        if (!met) {
            throw new IllegalArgumentException("controller.%s is %s, expected %s".formatted(name, value, expected));
        }
    }

    static DecisionConfig defaults() {
        return new DecisionConfig(
                Duration.ofSeconds(20),
                0.03,
                Duration.ofSeconds(3),
                0.012,
                1.05,
                Duration.ofSeconds(30),
                0.25,
                200,
                Duration.ofMillis(20),
                Duration.ofMillis(500));
    }
}
