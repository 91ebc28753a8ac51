package dev.respec.model.training;

import dev.respec.model.checkpoint.ElementType;
import dev.respec.model.checkpoint.ModelConfig;

/**
 * The memory that training a policy takes, in bytes by part.
 *
 * @param weights what is trained, float32, and the frozen base of an adapter in its own element type
 * @param gradients float32, once; once more for each lane of a small policy
 * @param moments both of AdamW, float32; they exist from the first optimiser step on
 * @param activations of one micro-batch, with what a layer's backward pass takes
 * @param logits of one chunk of tokens: a micro-batch's never exist together
 * @param process the Java virtual machine, its heap and the native library
 */
public record TrainingMemory(long weights, long gradients, long moments, long activations, long logits, long process) {
    /** Most elements of a chunk of logits; one token's logits are computed whatever their number. */
    static final long CHUNK_ELEMENTS = 1L << 26;

    private static final long PROCESS_BYTES = 400L << 20;
    private static final long FLOAT = Float.BYTES;

    /** Whether a layer's activations are kept for its gradient or computed again. */
    public enum Activations {
        KEPT,
        RECOMPUTED
    }

    /**
     * Training of all weights.
     *
     * @param tokens padded tokens of a micro-batch
     * @param threads {@code trainer.threads}; a small policy has as many lanes, each with gradients and activations of its
     *     own, and by default one per processor of this machine or container
     */
    public static TrainingMemory ofWeights(ModelConfig config, long tokens, Activations activations, int threads) {
        long parameters = config.parameters();
        int lanes = parameters > TrainableModel.LANES_UP_TO_WEIGHTS ? 0 : TrainableModel.lanes(threads);
        int together = Math.max(lanes, 1);
        boolean inMachineCode = lanes > 0
                && activations == Activations.KEPT
                && MachineLayers.supports(config)
                && config.maxPositions() <= MachineLayers.MOST_WIDTH;
        long ofLane = inMachineCode
                ? inMachineCode(config, tokens)
                : activations(config, tokens, activations, writtenOut(config));
        return new TrainingMemory(
                FLOAT * parameters,
                FLOAT * parameters * (1 + lanes),
                2 * FLOAT * parameters,
                together * ofLane,
                together * logits(config, tokens),
                PROCESS_BYTES);
    }

    /**
     * Training of an adapter of every linear weight but the head.
     *
     * @param base element type of the frozen weights
     * @param tokens padded tokens of a micro-batch
     */
    public static TrainingMemory ofAdapter(
            ModelConfig config, ElementType base, int rank, long tokens, Activations activations) {
        long factors = rank * factorRows(config);
        boolean half = base == ElementType.BFLOAT16;
        long widened = half ? FLOAT * layerParameters(config) : 0;
        return new TrainingMemory(
                config.parameters() * (half ? Short.BYTES : FLOAT) + FLOAT * factors,
                FLOAT * factors,
                2 * FLOAT * factors,
                widened + activations(config, tokens, half ? Activations.RECOMPUTED : activations, recorded(config)),
                logits(config, tokens),
                PROCESS_BYTES);
    }

    public long total() {
        return weights + gradients + moments + activations + logits + process;
    }

    /**
     * Floats that a written-out layer keeps for each token: both norms; queries, keys and values, and those shared by
     * several heads once more for each; the attention's output; gates before and after. Norms of heads are few.
     */
    private static long writtenOut(ModelConfig config) {
        long repeated = config.heads() > config.keyValueHeads() ? 2 * queries(config) : 0;
        return 2L * config.hiddenSize()
                + 2 * queries(config)
                + 2 * keys(config)
                + repeated
                + 4L * config.intermediateSize();
    }

    /**
     * What layers in machine code keep of all tokens; of the longest sequence, scores and room for its rows; of one layer,
     * the matrices transposed.
     */
    private static long inMachineCode(ModelConfig config, long tokens) {
        LayerShape shape = LayerShape.of(config);
        long hidden = shape.hidden();
        long width = Math.min(tokens, MachineLayers.MOST_WIDTH);
        long room = 2 * hidden + 2L * Math.max(shape.inner(), shape.queries()) + Math.max(shape.doors(), shape.mixed());
        long states = 5 * hidden + shape.queries() + shape.mixed();
        return FLOAT
                * ((config.layers() * (long) shape.kept() + states) * tokens
                        + (room + 2 * width) * width
                        + layerParameters(config));
    }

    /** Floats that a recorded layer keeps for each token. */
    private static long recorded(ModelConfig config) {
        return 9L * config.hiddenSize() + 9 * queries(config) + 4L * config.intermediateSize();
    }

    /**
     * At its most while the gradient of a layer's gates is computed: gradients of both gates, before and after them, with
     * copies in the order that products need, and the layer's own gradients. What a recomputed layer keeps counts twice:
     * the memory of the layer before is not handed back whole.
     */
    private static long activations(ModelConfig config, long tokens, Activations activations, long perLayer) {
        long backward = 6L * config.intermediateSize() * tokens + 2 * layerParameters(config);
        long kept = activations == Activations.KEPT
                ? config.layers() * perLayer * tokens
                : (config.layers() * (long) config.hiddenSize() + 2 * perLayer) * tokens;
        long states = 3L * config.hiddenSize() * tokens;
        return FLOAT * (kept + backward + states);
    }

    /** Logits and probabilities exist at the same time. */
    private static long logits(ModelConfig config, long tokens) {
        long rows = Math.min(tokens, Math.max(1, CHUNK_ELEMENTS / config.vocabularySize()));
        return 2 * FLOAT * rows * config.vocabularySize();
    }

    private static long layerParameters(ModelConfig config) {
        long hidden = config.hiddenSize();
        return hidden * (2 * queries(config) + 2 * keys(config) + 3L * config.intermediateSize());
    }

    /** Rows of all factors A and columns of all factors B together, for each unit of rank. */
    private static long factorRows(ModelConfig config) {
        long hidden = config.hiddenSize();
        long attention = 4 * hidden + 2 * queries(config) + 2 * keys(config);
        return config.layers() * (attention + 3 * (hidden + config.intermediateSize()));
    }

    private static long queries(ModelConfig config) {
        return (long) config.heads() * config.headDimension();
    }

    private static long keys(ModelConfig config) {
        return (long) config.keyValueHeads() * config.headDimension();
    }
}
