package dev.respec.model;

import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.CacheSize;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.DecoderKernel;
import dev.respec.model.decoding.Features;
import dev.respec.model.decoding.Logits;
import dev.respec.model.decoding.PageTable;
import dev.respec.model.decoding.TokenGrid;
import dev.respec.model.kernels.Torch;
import dev.respec.model.sampling.LogitWeights;
import dev.respec.model.sampling.SampledRows;
import dev.respec.model.vector.Arithmetic;
import dev.respec.model.vector.VectorDecoder;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The policy as decoding sees it: weights and a KV cache of slots, which are made of {@link #pages} where the kernel has
 * them.
 *
 * <p>A step takes a run of tokens for each of B sequences in neighbouring slots and gives one row of logits per token. The
 * cache of a sequence is cut back by starting the next run at an earlier position. Owned by one thread.
 */
public final class TargetModel implements AutoCloseable {
    /** What computes the steps; one of them can be asked for where two are compared. */
    enum Kernels {
        FASTEST,
        PORTABLE,
        SCRIPTED,
        /** That of an accelerator, which runs on the processor, too. */
        DEVICE
    }

    private final ModelConfig config;
    private final CacheSize size;
    private final ComputeType computeType;
    private final DecoderKernel kernel;
    private final Logits logits;
    private long kernelNanos;

    private TargetModel(ModelConfig config, CacheSize size, ComputeType computeType, DecoderKernel kernel) {
        this.config = config;
        this.size = size;
        this.computeType = computeType;
        this.kernel = kernel;
        this.logits = new Logits(config.vocabularySize());
    }

    /**
     * @param slots sequences that fit at once
     * @param capacity tokens a slot holds, prompt and response together
     * @param featureLayers layers whose inputs are kept for a drafter; empty keeps none
     */
    public static TargetModel load(
            Checkpoint checkpoint, int slots, int capacity, ComputeType computeType, int[] featureLayers) {
        return load(checkpoint, slots, capacity, computeType, featureLayers, Kernels.FASTEST);
    }

    /** A kernel whose slots are not made of pages gets as many whole slots as the pages would make. */
    public static TargetModel load(
            Checkpoint checkpoint, CacheSize size, ComputeType computeType, int[] featureLayers) {
        return load(checkpoint, size, computeType, featureLayers, Kernels.FASTEST);
    }

    static TargetModel load(
            Checkpoint checkpoint,
            int slots,
            int capacity,
            ComputeType computeType,
            int[] featureLayers,
            Kernels kernels) {
        return load(checkpoint, CacheSize.whole(slots, capacity), computeType, featureLayers, kernels);
    }

    static TargetModel load(
            Checkpoint checkpoint, CacheSize size, ComputeType computeType, int[] featureLayers, Kernels kernels) {
        ModelConfig config = checkpoint.config();
        int capacity = size.capacity();
        if (capacity > config.maxPositions()) {
            throw new CheckpointException("capacity of " + capacity + " tokens per slot exceeds the model's "
                    + config.maxPositions() + " positions; lower worker.capacity");
        }
        Torch.enterThread();
        Arithmetic arithmetic = kernels == Kernels.PORTABLE ? Arithmetic.PORTABLE : Arithmetic.FASTEST;
        boolean onDevice = kernels == Kernels.DEVICE || !Torch.device().isCpu();
        if (!onDevice
                && kernels != Kernels.SCRIPTED
                && vectors(config, computeType)
                && VectorDecoder.fitsHeap(
                        VectorDecoder.heapBytes(config, size.pages(), featureLayers.length, arithmetic))) {
            var kernel = new VectorDecoder(config, size, featureLayers, Torch.threads(), arithmetic);
            kernel.adopt(checkpoint);
            return new TargetModel(config, size, computeType, kernel);
        }
        ModuleDecoder kernel = onDevice
                ? new DeviceDecoder(config, capacity, computeType, featureLayers, Torch.device())
                : new ScriptedDecoder(config, capacity, computeType, featureLayers);
        kernel.adopt(checkpoint);
        kernel.allocate(size.wholeSlots());
        return new TargetModel(config, CacheSize.whole(size.wholeSlots(), capacity), computeType, kernel);
    }

    /** Whether this machine runs steps in bfloat16 in machine code, which beat those in float32 at every size measured. */
    public static boolean runsInMachineCode(ModelConfig config) {
        return vectors(config, ComputeType.BFLOAT16) && Arithmetic.FASTEST.usesMachineCode();
    }

    /** Whether steps run on vectors if the heap has room. */
    static boolean vectors(ModelConfig config, ComputeType computeType) {
        return Torch.device().isCpu()
                && computeType == ComputeType.BFLOAT16
                && VectorDecoder.available()
                && VectorDecoder.suits(config);
    }

    /** Replaces the weights between two steps; the KV cache stays. A layer at a time, so that one copy more fits. */
    public void adopt(Checkpoint checkpoint) {
        if (!checkpoint.config().equals(config)) {
            throw new CheckpointException(
                    "the new weights belong to another model: expected " + config + ", got " + checkpoint.config());
        }
        kernel.adopt(checkpoint);
    }

    public ModelConfig config() {
        return config;
    }

    /** Whether steps run on the processor's vectors; otherwise in the scripted kernel. */
    public boolean usesVectors() {
        return kernel instanceof VectorDecoder;
    }

    /** What computes the steps, in words. */
    public String kernelName() {
        return kernel.name();
    }

    public int slots() {
        return size.slots();
    }

    public int capacity() {
        return size.capacity();
    }

    /** Pages that slots are made of; null if each slot is memory of its own. */
    public @Nullable PageTable pages() {
        return kernel.pages();
    }

    /**
     * One target pass.
     *
     * @param firstSlot slot of the grid's first sequence
     * @return one row per token, in the grid's order; valid until the next step
     */
    public Logits step(int firstSlot, TokenGrid grid) {
        return step(firstSlot, grid, true);
    }

    /** Fills the cache without computing more than one row of logits. */
    public void prefill(int firstSlot, TokenGrid grid) {
        step(firstSlot, grid, false);
    }

    private Logits step(int firstSlot, TokenGrid grid, boolean everyRow) {
        requireRoom(firstSlot, grid);
        long begun = System.nanoTime();
        kernel.step(firstSlot, grid, everyRow, logits);
        kernelNanos += System.nanoTime() - begun;
        return logits;
    }

    /** Whether {@link #sample} is there: rows are drawn from where they are computed, and logits stay there. */
    public boolean samples() {
        return kernel.samples();
    }

    /**
     * One target pass with a token drawn from each row.
     *
     * @param draws for each row its inverse temperature, 0 for the most likely token at temperature 1; then for each row
     *     the number in [0, 1) at which the cumulative distribution is passed
     */
    public SampledRows sample(int firstSlot, TokenGrid grid, double[] draws) {
        requireRoom(firstSlot, grid);
        long begun = System.nanoTime();
        SampledRows rows = kernel.sample(firstSlot, grid, draws);
        kernelNanos += System.nanoTime() - begun;
        return rows;
    }

    /** What turns its logits into probabilities fastest. */
    public LogitWeights logitWeights() {
        return kernel.logitWeights();
    }

    /** Calls work with 0 to parts - 1, each once, on the threads that compute steps; returns when all are done. */
    public void share(int parts, IntConsumer work) {
        kernel.share(parts, work);
    }

    private void requireRoom(int firstSlot, TokenGrid grid) {
        if (grid.visible() > size.capacity() || firstSlot + grid.sequences() > size.slots()) {
            throw new IllegalArgumentException("a step over slots " + firstSlot + " to "
                    + (firstSlot + grid.sequences()) + " and " + grid.visible() + " positions exceeds the cache of "
                    + size.slots() + " slots of " + size.capacity());
        }
    }

    /** Reads memory of the device that computes, for measuring; returns the bytes read, 0 if it is the host's memory. */
    public long readDevice() {
        return kernel.readDevice();
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
        return kernel.multiply(rows, times);
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
        kernel.moveColumns(slots, sources, targets);
    }

    /** Gives a slot the first columns of another, by reference if slots are made of pages; to share a prompt and to close gaps. */
    public void copySlot(int source, int target, int length) {
        kernel.copySlot(source, target, length);
    }

    /** Makes the first columns of a slot memory that no other slot has. */
    public void ownColumns(int slot, int columns) {
        kernel.ownColumns(slot, columns);
    }

    /** Gives back what a slot holds. */
    public void releaseSlot(int slot) {
        kernel.releaseSlot(slot);
    }

    /**
     * Features of positions already computed, 3 * hidden wide, valid until the next step and while the manager lives.
     *
     * @param slotOfRow one slot a row
     * @param positionOfRow one position a row
     */
    public Features features(NDManager owner, long[] slotOfRow, long[] positionOfRow) {
        return kernel.features(owner, slotOfRow, positionOfRow);
    }

    /** Manager from which owners of features are derived. */
    public NDManager manager() {
        return kernel.manager();
    }

    @Override
    public void close() {
        kernel.close();
    }
}
