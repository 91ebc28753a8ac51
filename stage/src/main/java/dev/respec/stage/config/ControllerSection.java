package dev.respec.stage.config;

import java.time.Duration;

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
