package dev.respec.ops.paper.pipeline;

import java.util.List;

/**
 * A way of running the pipeline.
 *
 * @param name also names its folders
 * @param settings configuration by which it differs from the common one
 * @param verification of the worker
 */
public record Arm(String name, List<String> settings, Verification verification) {
    /** How a worker verifies drafts. */
    public enum Verification {
        /** As the product does. */
        LOSSLESS,
        /** By {@link dev.respec.ops.paper.lossy.LossyWorker}. */
        LOSSY
    }

    public Arm {
        settings = List.copyOf(settings);
    }

    /** Verifies as the product does. */
    public Arm(String name, List<String> settings) {
        this(name, settings, Verification.LOSSLESS);
    }
}
