package dev.respec.model;

import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.TokenGrid;
import dev.respec.model.kernels.Packing;
import dev.respec.model.kernels.ScriptedModule;
import dev.respec.model.kernels.WeightOrder;

/** Steps as one call each of the scripted kernel decoder.py, which holds weights and caches in native memory. */
final class ScriptedDecoder extends ModuleDecoder {
    /** Cache columns attended over are rounded up to this, so that memory blocks are reused from step to step. */
    private static final int COLUMN_BLOCK = 16;

    private final ComputeType computeType;

    ScriptedDecoder(ModelConfig config, int capacity, ComputeType computeType, int[] featureLayers) {
        super(config, capacity, featureLayers, ScriptedModule.load(ScriptedModule.class, "decoder"));
        this.computeType = computeType;
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
    int attended(TokenGrid grid) {
        int columns = Math.min(capacity, (grid.visible() + COLUMN_BLOCK - 1) / COLUMN_BLOCK * COLUMN_BLOCK);
        reserve(columns);
        return columns;
    }
}
