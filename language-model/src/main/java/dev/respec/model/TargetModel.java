package dev.respec.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.kernels.Packing;
import dev.respec.model.kernels.ScriptedModule;
import dev.respec.model.kernels.Torch;
import dev.respec.model.kernels.WeightOrder;

/**
 * The policy as decoding sees it: weights and a KV cache of fixed slots.
 *
 * <p>A step takes a run of tokens for each of B sequences in neighbouring slots and gives one row of logits a token. The
 * cache of a sequence is cut back by starting the next run at an earlier position. Owned by one thread.
 */
public final class TargetModel implements AutoCloseable {
    /** Cache columns attended over are rounded up to this, so that memory blocks are reused from step to step. */
    private static final int COLUMN_BLOCK = 16;

    private static final long[] EVERY_ROW = {};
    private static final long[] FIRST_ROW = {0};

    private final ModelConfig config;
    private final int slots;
    private final int capacity;
    private final ComputeType computeType;
    private final ScriptedModule module;
    private final Logits logits;
    private long kernelNanos;

    private TargetModel(ModelConfig config, int slots, int capacity, ComputeType computeType, ScriptedModule module) {
        this.config = config;
        this.slots = slots;
        this.capacity = capacity;
        this.computeType = computeType;
        this.module = module;
        this.logits = new Logits(config.vocabularySize());
    }

    /**
     * @param slots sequences that fit at once
     * @param capacity tokens a slot holds, prompt and response together
     * @param featureLayers layers whose inputs are kept for a drafter; empty keeps none
     */
    public static TargetModel load(
            Checkpoint checkpoint, int slots, int capacity, ComputeType computeType, int[] featureLayers) {
        ModelConfig config = checkpoint.config();
        if (capacity > config.maxPositions()) {
            throw new CheckpointException("capacity of " + capacity + " tokens a slot exceeds the model's "
                    + config.maxPositions() + " positions; lower worker.capacity");
        }
        Torch.enterThread();
        ScriptedModule module = ScriptedModule.load(ScriptedModule.class, "decoder");
        TargetModel model = new TargetModel(config, slots, capacity, computeType, module);
        long[] layers = new long[featureLayers.length];
        for (int i = 0; i < layers.length; i++) {
            layers[i] = featureLayers[i];
        }
        module.tell(
                "configure",
                config.layers(),
                config.heads(),
                config.keyValueHeads(),
                config.headDimension(),
                config.rmsNormEpsilon(),
                layers);
        model.adopt(checkpoint);
        try (NDManager scope = module.manager().newSubManager()) {
            float[] frequencies = config.rope().inverseFrequencies(config.headDimension());
            module.tell("allocate", slots, capacity, scope.create(frequencies));
        }
        return model;
    }

    /**
     * Memory of one slot: keys and values of all layers and the features kept, float32.
     *
     * @param capacity tokens a slot holds
     * @param featureLayers number of layers whose inputs are kept
     */
    public static long bytesPerSlot(ModelConfig config, int capacity, int featureLayers) {
        long keyValues = 2L * config.layers() * config.keyValueHeads() * config.headDimension();
        long features = (long) featureLayers * config.hiddenSize();
        return capacity * (keyValues + features) * Float.BYTES;
    }

    /** Replaces the weights between two steps; the KV cache stays. A layer at a time, so that one copy more fits. */
    public void adopt(Checkpoint checkpoint) {
        if (!checkpoint.config().equals(config)) {
            throw new CheckpointException(
                    "the new weights belong to another model: expected " + config + ", got " + checkpoint.config());
        }
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

    public ModelConfig config() {
        return config;
    }

    public int slots() {
        return slots;
    }

    public int capacity() {
        return capacity;
    }

    /**
     * One target pass.
     *
     * @param firstSlot slot of the grid's first sequence
     * @return a row a token, in the grid's order; valid until the next step
     */
    public Logits step(int firstSlot, TokenGrid grid) {
        return step(firstSlot, grid, true);
    }

    /** Fills the cache without computing more than one row of logits. */
    public void prefill(int firstSlot, TokenGrid grid) {
        step(firstSlot, grid, false);
    }

    private Logits step(int firstSlot, TokenGrid grid, boolean everyRow) {
        int visible = Math.min(capacity, (grid.visible() + COLUMN_BLOCK - 1) / COLUMN_BLOCK * COLUMN_BLOCK);
        if (grid.visible() > capacity || firstSlot + grid.sequences() > slots) {
            throw new IllegalArgumentException("a step over slots " + firstSlot + " to "
                    + (firstSlot + grid.sequences()) + " and " + grid.visible() + " positions exceeds the cache of "
                    + slots + " slots of " + capacity);
        }
        GridIndices indices = GridIndices.of(grid, firstSlot, everyRow ? EVERY_ROW : FIRST_ROW);
        try (NDManager scope = module.manager().newSubManager()) {
            NDArray numbers = scope.create(indices.numbers());
            long begun = System.nanoTime();
            NDArray result = module.call(
                            scope,
                            "step",
                            numbers,
                            grid.tokenCount(),
                            grid.sequences(),
                            grid.width(),
                            indices.ragged(),
                            grid.branched(),
                            firstSlot,
                            visible)
                    .singletonOrThrow();
            kernelNanos += System.nanoTime() - begun;
            logits.fill(result.toByteBuffer());
            return logits;
        }
    }

    /** Bytes of weights that a step reads whatever its batch: every matrix once. */
    public long weightBytes() {
        long attention = (long) (config.heads() + config.keyValueHeads()) * 2 * config.headDimension();
        long layer = config.hiddenSize() * (attention + 3L * config.intermediateSize());
        long elements = config.layers() * layer + (long) config.vocabularySize() * config.hiddenSize();
        return elements * (computeType == ComputeType.BFLOAT16 ? 2 : Float.BYTES);
    }

    /**
     * Multiplies rows with one matrix of the model, for measuring what the arithmetic can reach.
     *
     * @return floating-point operations done
     */
    public double multiply(int rows, int times) {
        try (NDManager scope = module.manager().newSubManager()) {
            module.call(scope, "multiply", rows, times);
        }
        return 2.0 * rows * times * config.hiddenSize() * 2 * config.intermediateSize();
    }

    /** Nanoseconds spent inside the kernel's steps since the model was loaded. */
    public long kernelNanos() {
        return kernelNanos;
    }

    /**
     * Moves cache columns within their slots, all read before any is written: what a tree's accepted path leaves behind.
     *
     * @param slots slot of each moved column
     * @param sources its column now
     * @param targets its column afterwards
     */
    public void moveColumns(long[] slots, long[] sources, long[] targets) {
        if (slots.length == 0) {
            return;
        }
        try (NDManager scope = module.manager().newSubManager()) {
            module.tell("move_columns", scope.create(slots), scope.create(sources), scope.create(targets));
        }
    }

    /** Copies the first columns of one slot to another; used to share a prompt and to close gaps. */
    public void copySlot(int source, int target, int length) {
        module.tell("copy_slot", source, target, length);
    }

    /**
     * Features of positions already computed, [N, 3 * hidden] float32, owned by the manager.
     *
     * @param slotOfRow one slot a row
     * @param positionOfRow one position a row
     */
    public NDArray features(NDManager owner, long[] slotOfRow, long[] positionOfRow) {
        return module.call(owner, "features_at", owner.create(slotOfRow), owner.create(positionOfRow))
                .singletonOrThrow();
    }

    /** Manager from which owners of features are derived. */
    public NDManager manager() {
        return module.manager();
    }

    @Override
    public void close() {
        module.close();
    }
}
