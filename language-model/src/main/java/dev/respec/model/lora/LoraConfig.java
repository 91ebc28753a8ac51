package dev.respec.model.lora;

/**
 * How an adapter's products are scaled (Hu et al. 2021, arXiv 2106.09685).
 *
 * @param rank inner dimension of the products
 * @param alpha numerator of the scale
 * @param scaling what the denominator is
 */
public record LoraConfig(int rank, double alpha, Scaling scaling) {
    /** The denominator of the scale. */
    public enum Scaling {
        /** alpha / rank. */
        RANK,
        /** alpha / √rank, {@code use_rslora} (Kalajdzievski 2023, arXiv 2312.03732). */
        ROOT_OF_RANK
    }

    public LoraConfig {
        if (rank < 1 || !(alpha > 0)) {
            throw new IllegalArgumentException(
                    "a LoRA adapter needs a positive r and lora_alpha, found %d and %s".formatted(rank, alpha));
        }
    }

    /** The factor on B · A. */
    public double scale() {
        return alpha / (scaling == Scaling.RANK ? rank : Math.sqrt(rank));
    }
}
