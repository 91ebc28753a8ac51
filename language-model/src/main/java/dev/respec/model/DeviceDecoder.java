package dev.respec.model;

import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.TokenGrid;
import dev.respec.model.kernels.ComputeDevice;
import dev.respec.model.kernels.NativeArrays;
import dev.respec.model.kernels.ScriptedModule;
import dev.respec.model.kernels.WeightOrder;
import dev.respec.model.sampling.SampledRows;

/**
 * Steps as one call each of the scripted kernel device_decoder.py. Weights and caches live on a device: a step sends the
 * grid's numbers there and brings back logits, or a token and its log-probability for each row.
 */
final class DeviceDecoder extends ModuleDecoder {
    /** Cache columns attended over are rounded up to this, which the fused attention needs of a mask. */
    private static final int COLUMN_BLOCK = 16;

    /** Elements and times of one reading of the device's memory: 1 GiB, past every cache. */
    private static final long READ_ELEMENTS = 1L << 28;

    private static final int READ_TIMES = 4;

    private final ComputeType computeType;
    private final ComputeDevice device;

    DeviceDecoder(
            ModelConfig config, int capacity, ComputeType computeType, int[] featureLayers, ComputeDevice device) {
        super(
                config,
                (capacity + COLUMN_BLOCK - 1) / COLUMN_BLOCK * COLUMN_BLOCK,
                featureLayers,
                ScriptedModule.load(ScriptedModule.class, "device_decoder").on(device));
        this.computeType = computeType;
        this.device = device;
    }

    @Override
    public String name() {
        return "scripted on " + device;
    }

    @Override
    public void adopt(Checkpoint checkpoint) {
        module.tell("begin_load", computeType == ComputeType.BFLOAT16);
        for (int layer = 0; layer < config.layers(); layer++) {
            try (NDManager scope = module.manager().newSubManager()) {
                int from = layer * WeightOrder.PER_LAYER;
                module.tell("load_layer", WeightOrder.stored(checkpoint, scope, from, from + WeightOrder.PER_LAYER));
            }
        }
        try (NDManager scope = module.manager().newSubManager()) {
            int from = config.layers() * WeightOrder.PER_LAYER;
            module.tell(
                    "end_load",
                    WeightOrder.stored(checkpoint, scope, from, from + 3).toArray());
        }
    }

    @Override
    public boolean samples() {
        return true;
    }

    @Override
    public SampledRows sample(int firstSlot, TokenGrid grid, double[] draws) {
        GridIndices indices = GridIndices.of(grid, firstSlot, EVERY_ROW);
        int rows = grid.tokenCount();
        try (NDManager scope = module.manager().newSubManager()) {
            double[] drawn = module.call(
                            scope,
                            "sampled",
                            NativeArrays.of(scope, indices.numbers()),
                            rows,
                            grid.sequences(),
                            grid.width(),
                            indices.ragged(),
                            grid.branched(),
                            firstSlot,
                            attended(grid),
                            NativeArrays.of(scope, draws, 2, rows))
                    .singletonOrThrow()
                    .toDoubleArray();
            int[] tokens = new int[rows];
            float[] logProbabilities = new float[rows];
            for (int row = 0; row < rows; row++) {
                tokens[row] = (int) drawn[row];
                logProbabilities[row] = (float) drawn[rows + row];
            }
            return new SampledRows(tokens, logProbabilities);
        }
    }

    /** A single row attends without a mask, so to exactly the columns that there are. */
    @Override
    int attended(TokenGrid grid) {
        int blocks = Math.min(capacity, (grid.visible() + COLUMN_BLOCK - 1) / COLUMN_BLOCK * COLUMN_BLOCK);
        reserve(blocks);
        return grid.sequences() * grid.width() == 1 ? grid.visible() : blocks;
    }

    @Override
    public long readDevice() {
        if (device.isCpu()) {
            return 0;
        }
        try (NDManager scope = module.manager().newSubManager()) {
            module.call(scope, "read", READ_ELEMENTS, READ_TIMES);
        }
        return READ_ELEMENTS * READ_TIMES * Float.BYTES;
    }
}
