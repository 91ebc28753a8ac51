package dev.respec.ops.paper.pipeline;

import dev.respec.ops.paper.pipeline.RunMeasurements.StepPoint;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Measurements of runs that were never made. */
final class Runs {
    private final String arm;
    private final int seed;
    private List<String> settings = List.of();
    private double passAfter = 0.9;
    private List<Double> rewards = List.of(0.5, 0.6);
    private List<Double> acceptance = List.of();
    private List<Double> active = List.of();
    private double secondsPerStep = 1;
    private double generationSeconds = 2;
    private @Nullable Conditions conditions;

    private Runs(String arm, int seed) {
        this.arm = arm;
        this.seed = seed;
    }

    static Runs aRun(String arm, int seed) {
        return new Runs(arm, seed);
    }

    Runs with(List<String> values) {
        settings = values;
        return this;
    }

    Runs passing(double value) {
        passAfter = value;
        return this;
    }

    Runs rewarded(List<Double> values) {
        rewards = values;
        return this;
    }

    Runs accepting(List<Double> values) {
        acceptance = values;
        return this;
    }

    Runs active(List<Double> values) {
        active = values;
        return this;
    }

    Runs taking(double value) {
        secondsPerStep = value;
        return this;
    }

    /** It generates 1000 tokens. */
    Runs atTokensPerSecond(double value) {
        generationSeconds = 1000 / value;
        return this;
    }

    Runs under(@Nullable Conditions value) {
        conditions = value;
        return this;
    }

    RunMeasurements measured() {
        List<StepPoint> steps = new ArrayList<>();
        for (int i = 0; i < rewards.size(); i++) {
            steps.add(new StepPoint(i + 1, rewards.get(i), i == 0 ? Double.NaN : secondsPerStep, 1));
        }
        return new RunMeasurements(
                arm,
                seed,
                settings,
                0.6,
                passAfter,
                1000,
                generationSeconds,
                steps,
                acceptance,
                active,
                1.2,
                1,
                true,
                null,
                conditions);
    }
}
