package dev.respec.model.grow;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.grow.WiderTensor.Fill;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Enlarges a checkpoint without changing what it computes, after Net2Net (Chen et al. 2015, arXiv 1511.05641).
 *
 * <ul>
 *   <li>Width h to H: the residual stream carries zeros in its new places. The mean square falls by h / H, so norm weights
 *       are multiplied by √(h / H) and the epsilon by h / H; where queries and keys are normalised as well, their
 *       projections are multiplied by √(h / H), because the norms share the epsilon.
 *   <li>New heads and feed-forward units are read with weight zero.
 *   <li>New layers write zeros to the residual stream.
 * </ul>
 *
 * <p>What is multiplied by zero is random and not zero, so that the work is that of a model of this size.
 */
public final class Growth {
    private static final long SEED = 0x5eedL;
    private static final String LAYERS = "model.layers.";

    private final ModelConfig from;
    private final ModelConfig to;
    private final Places kept;
    private final WiderTensor wider = new WiderTensor(new SplittableRandom(SEED));
    private final double normScale;

    private Growth(ModelConfig from, GrowthShape shape) {
        shape.requireHolds(from);
        this.from = from;
        this.to = shape.applyTo(from);
        this.kept = Places.kept(from, to);
        this.normScale = Math.sqrt(from.hiddenSize() / (double) to.hiddenSize());
    }

    /**
     * A model of this shape with the same outputs up to rounding, float32; the same every time.
     *
     * @throws GrowthException if the shape does not hold the model
     */
    public static Checkpoint to(Checkpoint checkpoint, GrowthShape shape) {
        return new Growth(checkpoint.config(), shape).grow(checkpoint);
    }

    /**
     * The drafter of the grown model: it reads the same features and proposes the same tokens, and has grown in the same
     * proportions.
     *
     * @param target the model before it was grown
     * @param shape what the target was grown to
     * @throws GrowthException if the shape does not hold the target
     */
    public static Eagle3Checkpoint drafterTo(Eagle3Checkpoint drafter, ModelConfig target, GrowthShape shape) {
        shape.requireHolds(target);
        drafter.requireFits(target);
        return new DrafterGrowth(drafter, target, shape, SEED).grow();
    }

    private Checkpoint grow(Checkpoint checkpoint) {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        List<String> parts = new ArrayList<>();
        checkpoint.tensors().forEach((name, tensor) -> {
            if (!name.startsWith(LAYERS)) {
                tensors.put(name, outside(name, tensor));
            } else if (name.startsWith(LAYERS + "0.")) {
                parts.add(name.substring(name.indexOf('.', LAYERS.length()) + 1));
            }
        });
        Places added = kept.added();
        int[] oldLayers = LayerPlacement.of(from.layers(), to.layers()).oldLayers();
        for (int layer = 0; layer < oldLayers.length; layer++) {
            // the tensors of the first layer are the pattern of what is added
            int pattern = Math.max(0, oldLayers[layer]);
            Places places = oldLayers[layer] == HeadPlacement.NONE ? added : kept;
            for (String part : parts) {
                HostTensor old = checkpoint.tensor(LAYERS + pattern + "." + part);
                tensors.put(LAYERS + layer + "." + part, inLayer(part, old, places));
            }
        }
        return new Checkpoint(to, tensors, checkpoint.source());
    }

    private HostTensor outside(String name, HostTensor old) {
        int[] vocabulary = Places.padded(from.vocabularySize(), from.vocabularySize());
        return switch (name) {
            case "model.embed_tokens.weight" -> wider.matrix(old, vocabulary, kept.hidden(), Fill.ZERO, 1);
            case "lm_head.weight" -> wider.matrix(old, vocabulary, kept.hidden(), Fill.RANDOM, 1);
            case "model.norm.weight" -> WiderTensor.vector(old, kept.hidden(), normScale, 1);
            default -> throw new IllegalStateException("no rule to enlarge " + name);
        };
    }

    private HostTensor inLayer(String part, HostTensor old, Places places) {
        double headScale = from.queryKeyNorm() ? normScale : 1;
        return switch (part) {
            case "input_layernorm.weight", "post_attention_layernorm.weight" ->
                WiderTensor.vector(old, places.hidden(), normScale, 1);
            case "self_attn.q_norm.weight", "self_attn.k_norm.weight" -> WiderTensor.vector(old, places.head(), 1, 1);
            case "self_attn.q_proj.weight" ->
                wider.matrix(old, places.queries(), places.hidden(), Fill.RANDOM, headScale);
            case "self_attn.k_proj.weight" -> wider.matrix(old, places.keys(), places.hidden(), Fill.RANDOM, headScale);
            case "self_attn.v_proj.weight" -> wider.matrix(old, places.keys(), places.hidden(), Fill.RANDOM, 1);
            case "self_attn.q_proj.bias" -> WiderTensor.vector(old, places.queries(), headScale, 0);
            case "self_attn.k_proj.bias" -> WiderTensor.vector(old, places.keys(), headScale, 0);
            case "self_attn.v_proj.bias" -> WiderTensor.vector(old, places.keys(), 1, 0);
            case "self_attn.o_proj.weight" -> wider.matrix(old, places.hidden(), places.queries(), Fill.ZERO, 1);
            case "self_attn.o_proj.bias" -> WiderTensor.vector(old, places.hidden(), 1, 0);
            case "mlp.gate_proj.weight", "mlp.up_proj.weight" ->
                wider.matrix(old, places.inner(), places.hidden(), Fill.RANDOM, 1);
            case "mlp.down_proj.weight" -> wider.matrix(old, places.hidden(), places.inner(), Fill.ZERO, 1);
            default -> throw new IllegalStateException("no rule to enlarge " + part);
        };
    }
}
