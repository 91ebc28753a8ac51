package dev.respec.ops.report;

/** Shares of a stretch of time; if generation and training overlap past it, both are scaled down to sum to 1. */
public record WorkShares(double generation, double training, double other) {
    public static WorkShares of(double wallMilliseconds, double generationBusy, double trainingBusy) {
        double wall = Math.max(wallMilliseconds, Math.max(1e-9, generationBusy + trainingBusy));
        double generation = generationBusy / wall;
        double training = trainingBusy / wall;
        return new WorkShares(generation, training, Math.max(0, 1 - generation - training));
    }
}
