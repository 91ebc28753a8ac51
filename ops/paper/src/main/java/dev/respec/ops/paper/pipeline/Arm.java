package dev.respec.ops.paper.pipeline;

import java.util.List;

/**
 * A way of running the pipeline.
 *
 * @param name also names its folders
 * @param settings configuration by which it differs from the common one
 */
public record Arm(String name, List<String> settings) {
    public Arm {
        settings = List.copyOf(settings);
    }
}
