package dev.respec.model.grow;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.ModelConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Gives a grown model more tokens, which are never drawn, so that head, verification and sampling cost what they cost with
 * a real vocabulary.
 *
 * <p>Every embedding of an old token carries a small constant in the first new place of the residual stream. No layer reads
 * or writes that place: its norm weights there are zero, and new rows of what layers write are. The final norm enlarges it,
 * and the head subtracts it from new tokens only: with c = 2^-12, a norm weight of 2^12 and a head weight of -2^12, the
 * logit of a new token is -4096 / r, where r is the root mean square of the last hidden state (below 100 in any model that
 * is trained in bfloat16). The constant changes a mean square by c² / h.
 */
public final class WiderVocabulary {
    private static final float CONSTANT = 0x1p-12f;
    private static final float ENLARGED = 0x1p12f;

    private WiderVocabulary() {}

    /**
     * A policy with a vocabulary of this size.
     *
     * @param grown the model after {@link Growth}
     * @param before its configuration before it grew
     * @throws GrowthException if the vocabulary would shrink, or the residual stream has no new place
     */
    public static Checkpoint of(Checkpoint grown, ModelConfig before, int vocabulary) {
        ModelConfig config = grown.config();
        int place = before.hiddenSize();
        GrowthShape.requireAtLeast("vocabulary", config.vocabularySize(), vocabulary);
        if (config.hiddenSize() <= place) {
            throw new GrowthException(
                    "vocabulary: a wider one needs a wider residual stream, too: ask for a hidden of more than "
                            + place);
        }
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        grown.tensors()
                .forEach((name, tensor) -> tensors.put(
                        name,
                        switch (name) {
                            case "model.embed_tokens.weight" ->
                                new PaddedRows(
                                                tensor,
                                                vocabulary,
                                                place,
                                                CONSTANT,
                                                config.tiedEmbeddings() ? -ENLARGED : CONSTANT)
                                        .tensor();
                            case "lm_head.weight" -> new PaddedRows(tensor, vocabulary, place, 0, -ENLARGED).tensor();
                            case "model.norm.weight" -> with(tensor, place, ENLARGED);
                            default -> name.endsWith("layernorm.weight") ? with(tensor, place, 0) : tensor;
                        }));
        return new Checkpoint(withVocabulary(config, vocabulary), tensors, grown.source());
    }

    /** Its drafter, which proposes the same tokens as before. */
    public static Eagle3Checkpoint of(Eagle3Checkpoint drafter, int vocabulary) {
        Eagle3Config config = drafter.config();
        GrowthShape.requireAtLeast("vocabulary", config.vocabularySize(), vocabulary);
        Map<String, HostTensor> tensors = new LinkedHashMap<>(drafter.tensors());
        tensors.remove("t2d"); // derived from d2t
        if (vocabulary > config.draftVocabularySize()) {
            tensors.putIfAbsent(
                    "d2t", HostTensor.ofLongs(new long[config.draftVocabularySize()], config.draftVocabularySize()));
        }
        tensors.computeIfPresent("embed_tokens.weight", (name, own) -> padded(own, vocabulary));
        return new Eagle3Checkpoint(withVocabulary(config, vocabulary), tensors, drafter.source());
    }

    /** New rows of zeros. */
    private static HostTensor padded(HostTensor rows, int vocabulary) {
        int width = Math.toIntExact(rows.shape()[1]);
        return new PaddedRows(rows, vocabulary, width, 0, 0).tensor();
    }

    private static HostTensor with(HostTensor vector, int place, float value) {
        float[] values = vector.toFloats();
        values[place] = value;
        return HostTensor.ofFloats(values, values.length);
    }

    private static ModelConfig withVocabulary(ModelConfig config, int vocabulary) {
        return new ModelConfig(
                config.family(),
                vocabulary,
                config.hiddenSize(),
                config.intermediateSize(),
                config.layers(),
                config.heads(),
                config.keyValueHeads(),
                config.headDimension(),
                config.rmsNormEpsilon(),
                config.rope(),
                config.tiedEmbeddings(),
                config.queryKeyValueBias(),
                config.outputBias(),
                config.maxPositions(),
                config.stopTokens());
    }

    private static Eagle3Config withVocabulary(Eagle3Config config, int vocabulary) {
        return new Eagle3Config(
                config.hiddenSize(),
                config.targetHiddenSize(),
                config.intermediateSize(),
                config.heads(),
                config.keyValueHeads(),
                config.headDimension(),
                vocabulary,
                config.draftVocabularySize(),
                config.rmsNormEpsilon(),
                config.rope(),
                config.normBeforeResidual(),
                config.maxPositions(),
                config.featureLayers());
    }
}
