package dev.respec.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.DecoderKernel;
import dev.respec.model.decoding.Features;
import dev.respec.model.decoding.Logits;
import dev.respec.model.decoding.TokenGrid;
import dev.respec.model.kernels.NativeArrays;
import dev.respec.model.kernels.ScriptedModule;
import java.util.Arrays;

/** What the scripted kernels decoder.py and device_decoder.py have in common: their cache and what is asked of it. */
abstract class ModuleDecoder implements DecoderKernel {
    /** Columns of a slot before a sequence needs more; whole blocks, as attention reads them. */
    private static final int FIRST_COLUMNS = 512;

    static final long[] EVERY_ROW = {};
    private static final long[] FIRST_ROW = {0};

    final ModelConfig config;
    final int capacity;
    final ScriptedModule module;
    /** Columns that each slot has now; they grow with the longest sequence. */
    private int columns;

    /** @param capacity columns of a slot */
    ModuleDecoder(ModelConfig config, int capacity, int[] featureLayers, ScriptedModule module) {
        this.config = config;
        this.capacity = capacity;
        this.module = module;
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
        columns = Math.min(capacity, FIRST_COLUMNS);
        try (NDManager scope = module.manager().newSubManager()) {
            float[] frequencies = config.rope().inverseFrequencies(config.headDimension());
            module.tell(
                    "allocate",
                    slots,
                    columns,
                    NativeArrays.of(scope, frequencies),
                    config.rope().attentionFactor());
        }
    }

    /** Room for so many columns in every slot, twice as many as there were at least. */
    final void reserve(int wanted) {
        if (wanted > columns) {
            columns = (int) Math.min(capacity, Math.max(wanted, 2L * columns));
            module.tell("grow", columns);
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
    public final void step(int firstSlot, TokenGrid grid, boolean everyRow, Logits logits) {
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
                            attended(grid))
                    .singletonOrThrow();
            logits.fill(result.toByteBuffer());
        }
    }

    /** Columns of the cache that a step of this grid attends over, once there is room for them. */
    abstract int attended(TokenGrid grid);

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
