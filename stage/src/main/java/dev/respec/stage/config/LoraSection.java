package dev.respec.stage.config;

/**
 * Training of a low-rank adapter in place of all weights.
 *
 * @param rank of the adapter of every linear weight; 0 trains the weights themselves
 * @param alpha the adapter counts alpha / rank
 */
public record LoraSection(int rank, double alpha) {
    public LoraSection {
        InvalidValue.atLeast(0, "rank", rank);
        InvalidValue.positive("alpha", alpha);
    }
}
