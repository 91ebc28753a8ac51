package dev.respec.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.model.checkpoint.ModelConfig;
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

    private final ModelConfig config;
    private final int slots;
    private final int capacity;
    private final ComputeType computeType;
    private final ScriptedModule module;
    private final Logits logits;

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

    /** Replaces the weights between two steps; the KV cache stays. */
    public void adopt(Checkpoint checkpoint) {
        if (!checkpoint.config().equals(config)) {
            throw new CheckpointException(
                    "the new weights belong to another model: expected " + config + ", got " + checkpoint.config());
        }
        try (NDManager scope = module.manager().newSubManager()) {
            module.tell("load", WeightOrder.arrays(checkpoint, scope), computeType == ComputeType.BFLOAT16);
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
        try (NDManager scope = module.manager().newSubManager()) {
            GridIndices indices = GridIndices.of(grid);
            NDArray outRows = everyRow ? scope.create(new long[0]) : scope.create(new long[] {0});
            NDArray result = module.call(
                            scope,
                            "step",
                            scope.create(indices.tokens()),
                            scope.create(indices.positions()),
                            scope.create(indices.gridRows()),
                            scope.create(indices.gridPositions(), new Shape(grid.sequences(), grid.width())),
                            firstSlot,
                            visible,
                            outRows)
                    .singletonOrThrow();
            logits.fill(result.toByteBuffer());
            return logits;
        }
    }

    /** Copies the first columns of one slot to others; used to share a prompt and to close gaps. */
    public void copySlot(int source, int target, int targets, int length) {
        module.tell("copy_slot", source, target, targets, length);
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
