package dev.respec.model.eagle3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.respec.model.ComputeType;
import dev.respec.model.Features;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.kernels.Packing;
import dev.respec.model.kernels.ScriptedModule;
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
    private final ScriptedModule module;

    ScriptedDrafter(
            Eagle3Checkpoint checkpoint, HostTensor embeddings, ComputeType computeType, int slots, int capacity) {
        this.computeType = computeType;
        this.module = ScriptedModule.load(Eagle3Drafter.class, "eagle3");
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
            Packing packing = half ? Packing.bfloat16() : Packing.float32();
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
    public Chain chain(int firstSlot, long[] lengths, int columns, int steps, double[] uniforms, double inverse) {
        double[] random = inverse > 0 ? uniforms : GREEDY;
        try (NDManager scope = module.manager().newSubManager()) {
            return chain(module.call(scope, "draft", firstSlot, lengths, columns, steps, random, inverse));
        }
    }

    @Override
    public Chain extendAndDraft(
            Features features,
            int firstSlot,
            long[] numbers,
            long[] lengths,
            int columns,
            int steps,
            double[] uniforms,
            double inverse) {
        int batch = lengths.length;
        double[] random = inverse > 0 ? uniforms : GREEDY;
        int rows = CacheRows.rows(numbers, batch);
        try (NDManager scope = module.manager().newSubManager()) {
            return chain(module.call(
                    scope,
                    "extend_and_draft",
                    List.of(features.array(scope)),
                    firstSlot,
                    numbers,
                    batch,
                    rows,
                    columns,
                    steps,
                    random,
                    inverse));
        }
    }

    private static Chain chain(NDList result) {
        return new Chain(ints(result.get(0)), result.size() > 1 ? result.get(1).toFloatArray() : null);
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
