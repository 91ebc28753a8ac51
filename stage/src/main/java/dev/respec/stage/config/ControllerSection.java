package dev.respec.stage.config;

import java.time.Duration;

public record ControllerSection(
        Duration window,
        double hysteresis,
        Duration dwell,
        double exploration,
        double collapseThreshold,
        Duration collapseCoolDown,
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
        InvalidValue.atLeast(0, "switch-cost", switchCost.toMillis());
        InvalidValue.positive("decide-interval", decideInterval);
        InvalidValue.atLeast(1, "minimum-samples", minimumSamples);
        InvalidValue.positive("commit-interval", commitInterval);
    }
}
