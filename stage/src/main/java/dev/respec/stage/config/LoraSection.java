package dev.respec.stage.config;

import java.util.List;

/**
 * Training of a low-rank adapter in place of all weights.
 *
 * @param rank of the adapter; 0 trains the weights themselves
 * @param alpha the adapter is scaled by alpha / rank
 * @param dropout share of an adapter's inputs that training leaves out
 * @param targetModules linear weights that get one; empty for all
 */
public record LoraSection(int rank, double alpha, double dropout, List<String> targetModules) {
    private static final List<String> MODULES =
            List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

    public LoraSection {
        InvalidValue.atLeast(0, "rank", rank);
        InvalidValue.positive("alpha", alpha);
        InvalidValue.require(dropout >= 0 && dropout < 1, "dropout", dropout, "a number from 0 to below 1");
        targetModules = List.copyOf(targetModules);
        for (var module : targetModules) {
            InvalidValue.require(MODULES.contains(module), "target-modules", module, "names among " + MODULES);
        }
    }
}
