package dev.respec.trainer.update;

/**
 * Learning rate by step: linear warm-up, then constant or falling to a floor.
 *
 * @param peak rate after the warm-up
 * @param warmupSteps steps until the peak; the first step has peak / warmupSteps
 * @param totalSteps where the fall ends; without an end the rate stays constant
 * @param floor share of the peak at the last step
 */
public record LearningRate(double peak, long warmupSteps, long totalSteps, Shape shape, double floor) {
    /** How the rate falls. */
    public enum Shape {
        CONSTANT,
        LINEAR,
        COSINE
    }

    public LearningRate {
        if (!(peak > 0) || warmupSteps < 0 || totalSteps < 0 || !(floor >= 0 && floor <= 1)) {
            throw new IllegalArgumentException("a learning rate needs a positive peak and a floor between 0 and 1");
        }
    }

    /** Rate of a step, counted from 1. */
    public double at(long step) {
        var warmup = warmupSteps == 0 ? 1 : Math.min(1, step / (double) warmupSteps);
        return peak * warmup * decay(step);
    }

    private double decay(long step) {
        if (shape == Shape.CONSTANT || totalSteps == 0) {
            return 1;
        }
        var progress = Math.min(1, (step - 1) / (double) totalSteps);
        var remaining = shape == Shape.LINEAR ? 1 - progress : (1 + Math.cos(Math.PI * progress)) / 2;
        return floor + (1 - floor) * remaining;
    }
}
