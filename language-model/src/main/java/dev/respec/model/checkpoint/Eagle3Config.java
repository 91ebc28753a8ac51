package dev.respec.model.checkpoint;

import java.util.List;

/**
 * The architecture of an EAGLE-3 drafter: one Llama layer whose attention reads twice the hidden size (embedding and
 * feature), over three concatenated target features (Li et al. 2025, arXiv 2503.01840; the layout of the public
 * checkpoints).
 *
 * @param hiddenSize width of the drafter's residual stream and of its embeddings
 * @param targetHiddenSize width of the target; a feature vector has three times as many components
 * @param vocabularySize tokens of the target
 * @param draftVocabularySize tokens the drafter can propose
 * @param normBeforeResidual whether the residual stream starts from the normalised feature
 * @param featureLayers indices into the target's hidden_states (0 is the embedding output), three or, for the default
 *     of {@link #featureLayers(ModelConfig)}, none
 */
public record Eagle3Config(
        int hiddenSize,
        int targetHiddenSize,
        int intermediateSize,
        int heads,
        int keyValueHeads,
        int headDimension,
        int vocabularySize,
        int draftVocabularySize,
        double rmsNormEpsilon,
        RopeConfig rope,
        boolean normBeforeResidual,
        int maxPositions,
        List<Integer> featureLayers) {
    /** Layers of a target whose default feature layers differ. */
    private static final int FEWEST_LAYERS = 7;

    private static final int LARGEST_DRAFT_VOCABULARY = 32_000;

    public Eagle3Config {
        positive("hidden_size", hiddenSize);
        positive("target_hidden_size", targetHiddenSize);
        positive("intermediate_size", intermediateSize);
        positive("num_attention_heads", heads);
        positive("num_key_value_heads", keyValueHeads);
        positive("head_dim", headDimension);
        positive("vocab_size", vocabularySize);
        positive("draft_vocab_size", draftVocabularySize);
        positive("max_position_embeddings", maxPositions);
        require(heads % keyValueHeads == 0, "num_key_value_heads", "a divisor of " + heads, keyValueHeads);
        require(headDimension % 2 == 0, "head_dim", "an even number", headDimension);
        require(
                draftVocabularySize <= vocabularySize,
                "draft_vocab_size",
                "at most vocab_size " + vocabularySize,
                draftVocabularySize);
        require(rmsNormEpsilon > 0, "rms_norm_eps", "a positive number", rmsNormEpsilon);
        featureLayers = List.copyOf(featureLayers);
        require(
                featureLayers.isEmpty() || featureLayers.size() == 3,
                "eagle_aux_hidden_state_layer_ids",
                "three layers",
                featureLayers);
    }

    /** A drafter for a target: the target's width, heads, rope and epsilon, full vocabulary, default feature layers. */
    public static Eagle3Config forTarget(ModelConfig target) {
        return forTarget(target, target.vocabularySize(), List.of());
    }

    /**
     * A drafter for any target of at least three layers. Where the default feature layers do not exist, it reads the
     * first, the middle and the last hidden state before the output. It can propose 32,000 tokens, as public drafters of
     * large vocabularies do: the head costs most of a draft step.
     *
     * @throws CheckpointException if the target has fewer layers
     */
    public static Eagle3Config forAnyTarget(ModelConfig target) {
        int layers = target.layers();
        if (layers < 3) {
            throw new CheckpointException(
                    "an EAGLE-3 drafter reads three hidden states, and the policy has %d layers".formatted(layers));
        }
        List<Integer> features = layers < FEWEST_LAYERS ? List.of(0, layers / 2, layers - 1) : List.of();
        return forTarget(target, Math.min(target.vocabularySize(), LARGEST_DRAFT_VOCABULARY), features);
    }

    private static Eagle3Config forTarget(ModelConfig target, int draftVocabularySize, List<Integer> featureLayers) {
        return new Eagle3Config(
                target.hiddenSize(),
                target.hiddenSize(),
                target.intermediateSize(),
                target.heads(),
                target.keyValueHeads(),
                target.headDimension(),
                target.vocabularySize(),
                draftVocabularySize,
                target.rmsNormEpsilon(),
                target.rope(),
                false,
                target.maxPositions(),
                featureLayers);
    }

    /** Number of trained parameters. */
    public long parameters() {
        return Eagle3Layout.parameters(this).values().stream()
                .mapToLong(HostTensor::count)
                .sum();
    }

    /**
     * Checks that a target goes with this drafter.
     *
     * @param place names the drafter in messages
     * @throws CheckpointException if features or tokens of such a target are not what this drafter reads
     */
    public void requireFits(ModelConfig target, String place) {
        requireSame(place, "target_hidden_size", target.hiddenSize(), targetHiddenSize);
        requireSame(place, "vocab_size", target.vocabularySize(), vocabularySize);
        featureLayers(target);
    }

    private static void requireSame(String place, String field, int expected, int actual) {
        if (expected != actual) {
            throw new CheckpointException(
                    "%s: field %s: expected the target's %d, found %d".formatted(place, field, expected, actual));
        }
    }

    /**
     * The target's hidden_states that feed the drafter: those of the configuration, or the inputs of layers 2, n/2 and
     * n - 3.
     *
     * @throws CheckpointException if the target has too few layers for them to differ
     */
    public int[] featureLayers(ModelConfig target) {
        int layers = target.layers();
        int[] chosen = featureLayers.isEmpty()
                ? new int[] {2, layers / 2, layers - 3}
                : featureLayers.stream().mapToInt(Integer::intValue).toArray();
        if (!(0 <= chosen[0] && chosen[0] < chosen[1] && chosen[1] < chosen[2] && chosen[2] < layers)) {
            throw new CheckpointException(
                    "EAGLE-3 reads hidden states %d, %d and %d, which a target of %d layers does not"
                                    .formatted(chosen[0], chosen[1], chosen[2], layers)
                            + " give as three different ones: take a target of at least 7 layers");
        }
        return chosen;
    }

    private static void positive(String field, int value) {
        require(value > 0, field, "a positive integer", value);
    }

    private static void require(boolean holds, String field, String expected, Object actual) {
        if (!holds) {
            throw new IllegalArgumentException("field %s: expected %s, found %s".formatted(field, expected, actual));
        }
    }
}
