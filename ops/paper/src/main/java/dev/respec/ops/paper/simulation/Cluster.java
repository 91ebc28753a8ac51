package dev.respec.ops.paper.simulation;

/**
 * A simulated installation.
 *
 * @param workers rollout workers
 * @param slots sequences that each generates at once
 * @param groupSize rollouts per prompt
 * @param promptsPerStep prompts that a training step consumes
 * @param maxStaleness versions a rollout may be behind; 0 is synchronous training
 * @param trainers training capacity, as a multiple of the recorded trainer's
 * @param rates records per second that one scorer, one controller and the trainer's reader take
 * @param storeBytesPerSecond at which weights leave the artefact store, all workers together
 */
record Cluster(
        int workers,
        int slots,
        int groupSize,
        int promptsPerStep,
        int maxStaleness,
        double trainers,
        Rates rates,
        double storeBytesPerSecond) {
    /** Service rates in records per second. */
    record Rates(double scorer, double controller, double reader) {
        /** One core each, from {@code respec bench scale} on the two-core machine (docs/LOG.md). */
        static final Rates MEASURED = new Rates(1_430, 10_955, 18_270);
    }
}
