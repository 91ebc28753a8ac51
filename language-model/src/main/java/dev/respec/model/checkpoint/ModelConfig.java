package dev.respec.model.checkpoint;

import java.nio.file.Path;
import java.util.List;

/**
 * The architecture of a decoder-only model with grouped-query attention, rotary positions, RMS norms and a SwiGLU
 * feed-forward.
 *
 * @param family the architecture; qwen3 normalises queries and keys per head
 * @param vocabularySize rows of the embedding
 * @param hiddenSize width of the residual stream
 * @param intermediateSize width of the feed-forward
 * @param layers number of decoder layers
 * @param heads query heads
 * @param keyValueHeads key and value heads; divides heads
 * @param headDimension width of a head; need not be hiddenSize / heads
 * @param rmsNormEpsilon added to the mean square
 * @param rope rotary embedding
 * @param tiedEmbeddings whether the output projection is the embedding; then no {@code lm_head.weight} is stored
 * @param queryKeyValueBias biases on the q, k and v projections
 * @param outputBias bias on the attention's output projection
 * @param maxPositions longest supported sequence, in tokens
 * @param stopTokens ids that end a generation; possibly empty
 */
public record ModelConfig(
        ModelFamily family,
        int vocabularySize,
        int hiddenSize,
        int intermediateSize,
        int layers,
        int heads,
        int keyValueHeads,
        int headDimension,
        double rmsNormEpsilon,
        RopeConfig rope,
        boolean tiedEmbeddings,
        boolean queryKeyValueBias,
        boolean outputBias,
        int maxPositions,
        List<Integer> stopTokens) {

    public ModelConfig {
        positive("vocab_size", vocabularySize);
        positive("hidden_size", hiddenSize);
        positive("intermediate_size", intermediateSize);
        positive("num_hidden_layers", layers);
        positive("num_attention_heads", heads);
        positive("num_key_value_heads", keyValueHeads);
        positive("head_dim", headDimension);
        positive("max_position_embeddings", maxPositions);
        if (heads % keyValueHeads != 0) {
            throw new IllegalArgumentException(
                    "field num_key_value_heads: expected a divisor of %d, found %d".formatted(heads, keyValueHeads));
        }
        if (headDimension % 2 != 0) {
            throw new IllegalArgumentException("field head_dim: expected an even number, found " + headDimension);
        }
        if (!(rmsNormEpsilon > 0)) {
            throw new IllegalArgumentException(
                    "field rms_norm_eps: expected a positive number, found " + rmsNormEpsilon);
        }
        stopTokens = List.copyOf(stopTokens);
        for (int token : stopTokens) {
            if (token < 0 || token >= vocabularySize) {
                throw new IllegalArgumentException("field eos_token_id: expected ids below vocab_size %d, found %d"
                        .formatted(vocabularySize, token));
            }
        }
    }

    /**
     * Reads config.json and, where it exists, generation_config.json of a model directory. Whether the embedding is really
     * tied also depends on the weights, see {@link Checkpoint#read}.
     *
     * @throws CheckpointException naming file and field, if the model is not one that a decoder can be built from
     */
    public static ModelConfig read(Path directory) {
        return ConfigJson.read(directory);
    }

    /** A small qwen2 architecture with tied embeddings, rope theta 10000 and epsilon 1e-6. */
    public static ModelConfig qwen2(
            int vocabularySize,
            int hiddenSize,
            int intermediateSize,
            int layers,
            int heads,
            int keyValueHeads,
            int maxPositions,
            List<Integer> stopTokens) {
        return new ModelConfig(
                ModelFamily.QWEN2,
                vocabularySize,
                hiddenSize,
                intermediateSize,
                layers,
                heads,
                keyValueHeads,
                hiddenSize / heads,
                1e-6,
                new RopeConfig(10_000, null),
                true,
                true,
                false,
                maxPositions,
                stopTokens);
    }

    /** Whether queries and keys are normalised per head before the rotation. */
    public boolean queryKeyNorm() {
        return family == ModelFamily.QWEN3;
    }

    /** The same architecture with an output projection of its own. */
    public ModelConfig withOwnHead() {
        return new ModelConfig(
                family,
                vocabularySize,
                hiddenSize,
                intermediateSize,
                layers,
                heads,
                keyValueHeads,
                headDimension,
                rmsNormEpsilon,
                rope,
                false,
                queryKeyValueBias,
                outputBias,
                maxPositions,
                stopTokens);
    }

    /** Number of parameters, a tied embedding counted once. */
    public long parameters() {
        return TensorLayout.shapes(this).values().stream()
                .mapToLong(HostTensor::count)
                .sum();
    }

    private static void positive(String field, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(
                    "field %s: expected a positive integer, found %d".formatted(field, value));
        }
    }
}
