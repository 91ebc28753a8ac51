package dev.respec.ops.paper.pipeline;

import java.util.List;

/**
 * A way of running the pipeline.
 *
 * @param name names its folders, too
 * @param settings configuration by which it differs from the common one
 */
public record Arm(String name, List<String> settings) {
    public Arm {
        settings = List.copyOf(settings);
    }
}
