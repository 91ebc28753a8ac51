package dev.respec.model.grow;

import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.grow.WiderTensor.Fill;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** The drafter's side of {@link Growth}: its one layer is widened as the target's layers are. */
final class DrafterGrowth {
    private final Eagle3Checkpoint drafter;
    private final Eagle3Config from;
    private final Eagle3Config to;
    private final HeadPlacement heads;
    private final WiderTensor wider;
    private final double normScale;

    DrafterGrowth(Eagle3Checkpoint drafter, ModelConfig target, GrowthShape shape, long seed) {
        this.drafter = drafter;
        this.from = drafter.config();
        this.to = grown(from, target, shape);
        this.heads = HeadPlacement.of(from.heads(), from.keyValueHeads(), to.heads(), to.keyValueHeads());
        this.wider = new WiderTensor(new SplittableRandom(seed));
        this.normScale = Math.sqrt(from.hiddenSize() / (double) to.hiddenSize());
    }

    private static Eagle3Config grown(Eagle3Config from, ModelConfig target, GrowthShape shape) {
        int keyHeads = scaled(from.keyValueHeads(), target.keyValueHeads(), shape.keyValueHeads());
        int group = scaled(
                from.heads() / from.keyValueHeads(),
                target.heads() / target.keyValueHeads(),
                shape.heads() / shape.keyValueHeads());
        var layers = LayerPlacement.of(target.layers(), shape.layers());
        List<Integer> features = Arrays.stream(from.featureLayers(target))
                .mapToObj(layers::position)
                .toList();
        int hidden = scaled(from.hiddenSize(), target.hiddenSize(), shape.hidden());
        return new Eagle3Config(
                hidden,
                shape.hidden(),
                scaled(from.intermediateSize(), target.intermediateSize(), shape.intermediate()),
                keyHeads * group,
                keyHeads,
                from.headDimension(),
                from.vocabularySize(),
                from.draftVocabularySize(),
                from.rmsNormEpsilon() * from.hiddenSize() / hidden,
                from.rope(),
                from.normBeforeResidual(),
                from.maxPositions(),
                features);
    }

    /** In the target's proportion, rounded, never less. */
    private static int scaled(int size, int targetBefore, int targetAfter) {
        return Math.max(size, (int) Math.round(size * (targetAfter / (double) targetBefore)));
    }

    Eagle3Checkpoint grow() {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        drafter.tensors().forEach((name, tensor) -> tensors.put(name, grown(name, tensor)));
        return new Eagle3Checkpoint(to, tensors, drafter.source());
    }

    private HostTensor grown(String name, HostTensor old) {
        int[] hidden = Places.padded(from.hiddenSize(), to.hiddenSize());
        int[] both = Places.paddedBlocks(2, from.hiddenSize(), to.hiddenSize());
        int[] features = Places.paddedBlocks(3, from.targetHiddenSize(), to.targetHiddenSize());
        int[] inner = Places.padded(from.intermediateSize(), to.intermediateSize());
        int[] queries = heads.queryRows(from.headDimension());
        int[] keys = heads.keyRows(from.headDimension());
        int[] rows = Places.padded((int) old.shape()[0], (int) old.shape()[0]);
        return switch (name) {
            case "fc.weight" -> wider.matrix(old, hidden, features, Fill.RANDOM_COLUMNS, 1);
            case "midlayer.self_attn.q_proj.weight" -> wider.matrix(old, queries, both, Fill.RANDOM, 1);
            case "midlayer.self_attn.k_proj.weight", "midlayer.self_attn.v_proj.weight" ->
                wider.matrix(old, keys, both, Fill.RANDOM, 1);
            case "midlayer.self_attn.o_proj.weight" -> wider.matrix(old, hidden, queries, Fill.ZERO, 1);
            case "midlayer.mlp.gate_proj.weight", "midlayer.mlp.up_proj.weight" ->
                wider.matrix(old, inner, hidden, Fill.RANDOM, 1);
            case "midlayer.mlp.down_proj.weight" -> wider.matrix(old, hidden, inner, Fill.ZERO, 1);
            case "midlayer.input_layernorm.weight",
                    "midlayer.hidden_norm.weight",
                    "midlayer.post_attention_layernorm.weight",
                    "norm.weight" -> WiderTensor.vector(old, hidden, normScale, 1);
            case "lm_head.weight" -> wider.matrix(old, rows, hidden, Fill.RANDOM, 1);
            case "embed_tokens.weight" -> wider.matrix(old, rows, hidden, Fill.ZERO, 1);
            case "d2t", "t2d" -> old;
            default -> throw new CheckpointException("tensor " + name + ": no rule to enlarge it");
        };
    }
}
