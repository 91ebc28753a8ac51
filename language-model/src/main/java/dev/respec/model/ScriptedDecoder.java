package dev.respec.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.DecoderKernel;
import dev.respec.model.decoding.Features;
import dev.respec.model.decoding.Logits;
import dev.respec.model.decoding.TokenGrid;
import dev.respec.model.kernels.NativeArrays;
import dev.respec.model.kernels.Packing;
import dev.respec.model.kernels.ScriptedModule;
import dev.respec.model.kernels.WeightOrder;
import java.util.Arrays;

/** Steps as one call each of the scripted kernel decoder.py, which holds weights and caches in native memory. */
final class ScriptedDecoder implements DecoderKernel {
    /** Cache columns attended over are rounded up to this, so that memory blocks are reused from step to step. */
    private static final int COLUMN_BLOCK = 16;

    private static final long[] EVERY_ROW = {};
    private static final long[] FIRST_ROW = {0};

    private final ModelConfig config;
    private final int capacity;
    private final ComputeType computeType;
    private final ScriptedModule module;

    ScriptedDecoder(ModelConfig config, int slots, int capacity, ComputeType computeType, int[] featureLayers) {
        this.config = config;
        this.capacity = capacity;
        this.computeType = computeType;
        this.module = ScriptedModule.load(ScriptedModule.class, "decoder");
        module.tell(
                "configure",
                config.layers(),
                config.heads(),
                config.keyValueHeads(),
                config.headDimension(),
                config.rmsNormEpsilon(),
                Arrays.stream(featureLayers).asLongStream().toArray());
    }

    /** Makes the cache; once, after the first weights. */
    void allocate(int slots) {
        try (NDManager scope = module.manager().newSubManager()) {
            float[] frequencies = config.rope().inverseFrequencies(config.headDimension());
            module.tell(
                    "allocate",
                    slots,
                    capacity,
                    NativeArrays.of(scope, frequencies),
                    config.rope().attentionFactor());
        }
    }

    @Override
    public String name() {
        return "scripted";
    }

    @Override
    public void adopt(Checkpoint checkpoint) {
        boolean half = computeType == ComputeType.BFLOAT16;
        Packing packing = half ? Packing.bfloat16() : Packing.float32();
        module.tell("begin_load", half, packing.packs(), packing.copies());
        for (int layer = 0; layer < config.layers(); layer++) {
            try (NDManager scope = module.manager().newSubManager()) {
                int from = layer * WeightOrder.PER_LAYER;
                module.tell("load_layer", WeightOrder.arrays(checkpoint, scope, from, from + WeightOrder.PER_LAYER));
            }
        }
        try (NDManager scope = module.manager().newSubManager()) {
            int from = config.layers() * WeightOrder.PER_LAYER;
            Object[] rest =
                    WeightOrder.arrays(checkpoint, scope, from, from + 3).toArray();
            module.tell("end_load", rest);
        }
    }

    @Override
    public void step(int firstSlot, TokenGrid grid, boolean everyRow, Logits logits) {
        int visible = Math.min(capacity, (grid.visible() + COLUMN_BLOCK - 1) / COLUMN_BLOCK * COLUMN_BLOCK);
        GridIndices indices = GridIndices.of(grid, firstSlot, everyRow ? EVERY_ROW : FIRST_ROW);
        try (NDManager scope = module.manager().newSubManager()) {
            NDArray result = module.call(
                            scope,
                            "step",
                            NativeArrays.of(scope, indices.numbers()),
                            grid.tokenCount(),
                            grid.sequences(),
                            grid.width(),
                            indices.ragged(),
                            grid.branched(),
                            firstSlot,
                            visible)
                    .singletonOrThrow();
            logits.fill(result.toByteBuffer());
        }
    }

    @Override
    public double multiply(int rows, int times) {
        try (NDManager scope = module.manager().newSubManager()) {
            module.call(scope, "multiply", rows, times);
        }
        return 2.0 * rows * times * config.hiddenSize() * 2 * config.intermediateSize();
    }

    @Override
    public void moveColumns(long[] slots, long[] sources, long[] targets) {
        try (NDManager scope = module.manager().newSubManager()) {
            module.tell(
                    "move_columns",
                    NativeArrays.of(scope, slots),
                    NativeArrays.of(scope, sources),
                    NativeArrays.of(scope, targets));
        }
    }

    @Override
    public void copySlot(int source, int target, int length) {
        module.tell("copy_slot", source, target, length);
    }

    @Override
    public Features features(NDManager owner, long[] slotOfRow, long[] positionOfRow) {
        NDArray slots = NativeArrays.of(owner, slotOfRow);
        NDArray positions = NativeArrays.of(owner, positionOfRow);
        return Features.of(module.call(owner, "features_at", slots, positions).singletonOrThrow());
    }

    @Override
    public NDManager manager() {
        return module.manager();
    }

    @Override
    public void close() {
        module.close();
    }
}
