package dev.respec.model.eagle3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.DrafterKernel;
import dev.respec.model.decoding.Features;
import dev.respec.model.kernels.ComputeDevice;
import dev.respec.model.kernels.Packing;
import dev.respec.model.kernels.ScriptedModule;
import dev.respec.model.kernels.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Passes as one call each of the scripted kernel eagle3.py, which holds weights and cache in native memory. */
final class ScriptedDrafter implements DrafterKernel {
    /** Elements of the embedding half of q, k and v that are worth tabulating by token: 32 MiB in float32. */
    private static final long TABLE_LIMIT = 8L << 20;

    private static final double[] GREEDY = new double[0];

    private final ComputeType computeType;
    private final ComputeDevice device;
    private final ScriptedModule module;

    ScriptedDrafter(
            Eagle3Checkpoint checkpoint, HostTensor embeddings, ComputeType computeType, int slots, int capacity) {
        this.computeType = computeType;
        this.device = Torch.device();
        this.module = ScriptedModule.load(Eagle3Drafter.class, "eagle3").on(device);
        adopt(checkpoint, embeddings);
        module.tell("allocate", slots, capacity);
    }

    @Override
    public void adopt(Eagle3Checkpoint checkpoint, HostTensor embeddings) {
        Eagle3Config config = checkpoint.config();
        try (NDManager scope = module.manager().newSubManager()) {
            var weights = new ArrayList<>(Eagle3Weights.parameters(checkpoint, scope));
            weights.addAll(Eagle3Weights.fixed(checkpoint, embeddings, scope));
            boolean identity = Arrays.equals(
                    checkpoint.targetIds(),
                    IntStream.range(0, config.vocabularySize()).asLongStream().toArray());
            boolean half = computeType == ComputeType.BFLOAT16;
            Packing packing = !device.isCpu() ? Packing.NONE : half ? Packing.bfloat16() : Packing.float32();
            long[] sizes = {
                config.heads(),
                config.keyValueHeads(),
                config.headDimension(),
                config.normBeforeResidual() ? 1 : 0,
                identity ? 1 : 0,
                half ? 1 : 0,
                packing.packs() ? 1 : 0,
                packing.copies() ? 1 : 0
            };
            module.tell(
                    "load",
                    weights,
                    sizes,
                    config.rmsNormEpsilon(),
                    config.rope().attentionFactor(),
                    TABLE_LIMIT);
        }
    }

    @Override
    public void copySlot(int source, int target, int length) {
        module.tell("copy_slot", source, target, length);
    }

    @Override
    public void extend(Features features, int firstSlot, long[] numbers, int batch, int columns) {
        try (NDManager scope = module.manager().newSubManager()) {
            List<NDArray> arrays = List.of(features.array(scope));
            module.tell("extend", arrays, firstSlot, numbers, batch, CacheRows.rows(numbers, batch), columns);
        }
    }

    @Override
    public Chain chain(int firstSlot, long[] lengths, int columns, Draw draw) {
        double[] random = draw.isGreedy() ? GREEDY : draw.uniforms();
        try (NDManager scope = module.manager().newSubManager()) {
            NDList result =
                    module.call(scope, "draft", firstSlot, lengths, columns, draw.steps(), random, draw.inverse());
            return chain(result, lengths.length, draw);
        }
    }

    @Override
    public Chain extendAndDraft(
            Features features, int firstSlot, long[] numbers, long[] lengths, int columns, Draw draw) {
        int batch = lengths.length;
        double[] random = draw.isGreedy() ? GREEDY : draw.uniforms();
        int rows = CacheRows.rows(numbers, batch);
        try (NDManager scope = module.manager().newSubManager()) {
            NDList result = module.call(
                    scope,
                    "extend_and_draft",
                    List.of(features.array(scope)),
                    firstSlot,
                    numbers,
                    batch,
                    rows,
                    columns,
                    draw.steps(),
                    random,
                    draw.inverse());
            return chain(result, batch, draw);
        }
    }

    /** The module drafts in full; chains are cut to where the limit would have ended them. */
    private static Chain chain(NDList result, int batch, Draw draw) {
        int[] counts = new int[batch];
        if (result.size() < 2) {
            // of a greedy chain the module does not tell how sure it was
            Arrays.fill(counts, draw.steps());
            return new Chain(ints(result.get(0)), counts, null);
        }
        float[] probabilities = result.get(1).toFloatArray();
        int size = probabilities.length / (batch * draw.steps());
        double[] confidences = new double[batch];
        boolean[] goesOn = new boolean[batch];
        Arrays.fill(goesOn, true);
        boolean further = true;
        for (int position = 0; position < draw.steps() && further; position++) {
            for (int b = 0; b < batch; b++) {
                confidences[b] = largest(probabilities, (b * draw.steps() + position) * size, size);
            }
            further = draw.limit().choose(position, confidences, goesOn);
            for (int b = 0; b < batch; b++) {
                counts[b] += goesOn[b] ? 1 : 0;
            }
        }
        return new Chain(ints(result.get(0)), counts, probabilities);
    }

    private static float largest(float[] values, int from, int count) {
        float largest = values[from];
        for (int i = 1; i < count; i++) {
            largest = Math.max(largest, values[from + i]);
        }
        return largest;
    }

    @Override
    public Tree tree(int firstSlot, long[] lengths, int columns, int branching, int passes, int total) {
        try (NDManager scope = module.manager().newSubManager()) {
            NDList result = module.call(scope, "tree", firstSlot, lengths, columns, branching, passes, total);
            return new Tree(
                    ints(result.get(0)),
                    ints(result.get(1)),
                    ints(result.get(2)),
                    result.get(3).toFloatArray());
        }
    }

    private static int[] ints(NDArray array) {
        return Arrays.stream(array.toLongArray()).mapToInt(value -> (int) value).toArray();
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
