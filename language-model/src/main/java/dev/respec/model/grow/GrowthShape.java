package dev.respec.model.grow;

import dev.respec.model.checkpoint.ModelConfig;

/**
 * The sizes a model is enlarged to. The dimension of a head stays: rotary positions and attention scale hang on it.
 *
 * @param hidden width of the residual stream
 * @param layers number of decoder layers
 * @param heads query heads
 * @param keyValueHeads key and value heads; divides heads
 * @param intermediate width of the feed-forward
 */
public record GrowthShape(int hidden, int layers, int heads, int keyValueHeads, int intermediate) {
    /** Width of a layer over the number of layers: between SmolLM-135M (19) and SmolLM-360M (30). */
    private static final double ASPECT = 24;

    /** A parameter count counts four times as much as the aspect, both as ratios. */
    private static final double COUNT_WEIGHT = 4;

    private static final double COUNT_TOLERANCE = 0.1;
    private static final int QUERY_HEADS_A_KEY_HEAD = 6;
    private static final int WIDEST = 16_384;

    public GrowthShape {
        if (keyValueHeads < 1 || heads < 1 || heads % keyValueHeads != 0) {
            throw new GrowthException(
                    "kv-heads: expected a divisor of %d heads, found %d".formatted(heads, keyValueHeads));
        }
    }

    /** The sizes a model has. */
    public static GrowthShape of(ModelConfig config) {
        return new GrowthShape(
                config.hiddenSize(),
                config.layers(),
                config.heads(),
                config.keyValueHeads(),
                config.intermediateSize());
    }

    /**
     * About so many parameters in the proportions of small public models (SmolLM): heads as wide together as the
     * residual stream, six query heads a key head, a feed-forward of 8/3 of the width.
     *
     * @throws GrowthException if the model is larger, or no shape comes within a tenth
     */
    public static GrowthShape ofParameters(ModelConfig config, long parameters) {
        int unit = QUERY_HEADS_A_KEY_HEAD * config.headDimension();
        GrowthShape best = null;
        double bestScore = Double.POSITIVE_INFINITY;
        for (int hidden = unit; hidden <= WIDEST; hidden += unit) {
            var shape = proportioned(config, hidden, parameters);
            double off = Math.abs(Math.log(shape.applyTo(config).parameters() / (double) parameters));
            double aspect = Math.abs(Math.log(hidden / (ASPECT * shape.layers())));
            if (off <= COUNT_TOLERANCE && COUNT_WEIGHT * off + aspect < bestScore && isReachable(config, shape)) {
                best = shape;
                bestScore = COUNT_WEIGHT * off + aspect;
            }
        }
        if (best == null) {
            throw new GrowthException(
                    "parameters: no shape of about %,d parameters holds this model of %,d with heads of %d; ask for more, or give --hidden, --layers, --heads, --kv-heads and --ffn"
                            .formatted(parameters, config.parameters(), config.headDimension()));
        }
        return best;
    }

    private static GrowthShape proportioned(ModelConfig config, int hidden, long parameters) {
        int heads = hidden / config.headDimension();
        var oneLayer = new GrowthShape(hidden, 1, heads, heads / QUERY_HEADS_A_KEY_HEAD, 8 * hidden / 3);
        long one = oneLayer.applyTo(config).parameters();
        long two = oneLayer.withLayers(2).applyTo(config).parameters();
        long layers = 1 + Math.round((parameters - one) / (double) (two - one));
        return oneLayer.withLayers((int) Math.max(1, Math.min(layers, 10_000)));
    }

    private static boolean isReachable(ModelConfig config, GrowthShape shape) {
        try {
            shape.requireHolds(config);
            return true;
        } catch (GrowthException e) {
            return false; // a candidate among many
        }
    }

    private GrowthShape withLayers(int count) {
        return new GrowthShape(hidden, count, heads, keyValueHeads, intermediate);
    }

    /**
     * Checks that a model fits into this shape.
     *
     * @throws GrowthException naming the size
     */
    void requireHolds(ModelConfig config) {
        requireAtLeast("hidden", config.hiddenSize(), hidden);
        requireAtLeast("layers", config.layers(), layers);
        requireAtLeast("ffn", config.intermediateSize(), intermediate);
        HeadPlacement.of(config.heads(), config.keyValueHeads(), heads, keyValueHeads);
    }

    /** The configuration of a model of this shape; the epsilon keeps its ratio to the mean square. */
    public ModelConfig applyTo(ModelConfig config) {
        return new ModelConfig(
                config.family(),
                config.vocabularySize(),
                hidden,
                intermediate,
                layers,
                heads,
                keyValueHeads,
                config.headDimension(),
                config.rmsNormEpsilon() * config.hiddenSize() / hidden,
                config.rope(),
                config.tiedEmbeddings(),
                config.queryKeyValueBias(),
                config.outputBias(),
                config.maxPositions(),
                config.stopTokens());
    }

    static void requireAtLeast(String name, int present, int asked) {
        if (asked < present) {
            throw new GrowthException(
                    "%s: the model has %d and can only grow, found %d".formatted(name, present, asked));
        }
    }
}
