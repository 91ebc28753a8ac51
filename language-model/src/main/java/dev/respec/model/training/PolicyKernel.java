package dev.respec.model.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ElementType;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.kernels.NativeArrays;
import dev.respec.model.kernels.ScriptedModule;
import dev.respec.model.kernels.Torch;
import dev.respec.model.kernels.WeightOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The kernel trainable.py and what it holds. Tensors enter and leave in slices, so that no copy of one exists on the Java
 * side. Owned by one thread.
 */
final class PolicyKernel implements AutoCloseable {
    /** Elements that are copied at a time. */
    static final int SLICE = 1 << 22;

    /** How a tensor is held. */
    enum Holding {
        /** Float32 with a gradient. */
        TRAINED,
        /** Without a gradient; bfloat16 matrices stay bfloat16. */
        FROZEN
    }

    /** What is read of a tensor, or written. */
    enum Part {
        VALUE,
        FIRST_MOMENT,
        SECOND_MOMENT,
        GRADIENT
    }

    private final ModelConfig config;
    private final List<String> names;
    private final ScriptedModule module;
    private long chunkElements = TrainingMemory.CHUNK_ELEMENTS;

    private PolicyKernel(ModelConfig config, ScriptedModule module) {
        this.config = config;
        this.names = WeightOrder.names(config);
        this.module = module;
    }

    /** @param threads threads an operation may use, for the whole process */
    static PolicyKernel open(ModelConfig config, int threads) {
        Torch.useThreads(threads);
        Torch.enterThread();
        ScriptedModule module = ScriptedModule.load(ScriptedModule.class, "trainable");
        try (NDManager scope = module.manager().newSubManager()) {
            module.tell(
                    "configure",
                    config.layers(),
                    config.heads(),
                    config.keyValueHeads(),
                    config.headDimension(),
                    config.rmsNormEpsilon(),
                    NativeArrays.of(scope, config.rope().inverseFrequencies(config.headDimension())),
                    config.rope().attentionFactor());
        }
        PolicyKernel kernel = new PolicyKernel(config, module);
        kernel.useChunksOf(kernel.chunkElements);
        return kernel;
    }

    ModelConfig config() {
        return config;
    }

    ScriptedModule module() {
        return module;
    }

    /** Most elements of one chunk of logits. */
    void useChunksOf(long elements) {
        chunkElements = elements;
        module.tell("chunk", elements);
    }

    /** Tokens whose logits are one chunk. */
    int chunkTokens() {
        return (int) Math.max(1, chunkElements / config.vocabularySize());
    }

    void recomputeActivations() {
        module.tell("recompute", true);
    }

    /** Places every weight of the checkpoint. */
    void place(Checkpoint checkpoint, Holding holding) {
        for (int at = 0; at < names.size(); at++) {
            HostTensor tensor = checkpoint.tensors().get(names.get(at));
            if (tensor != null) {
                place(at, tensor, holding);
            }
        }
    }

    /** Places of a weight's factors A and B. */
    int downOf(String weight) {
        return names.size() + names.indexOf(weight);
    }

    int upOf(String weight) {
        return 2 * names.size() + names.indexOf(weight);
    }

    void place(int at, HostTensor tensor, Holding holding) {
        boolean half = tensor.type() == ElementType.BFLOAT16 && tensor.shape().length > 1;
        long kind = holding == Holding.TRAINED ? 2 : half ? 1 : 0;
        try (NDManager scope = module.manager().newSubManager()) {
            module.callWithGradient(
                    scope,
                    "allot",
                    NativeArrays.of(scope, new long[] {at}),
                    NativeArrays.of(scope, tensor.shape()),
                    NativeArrays.of(scope, new long[] {kind}));
        }
        write(Part.VALUE, at, tensor);
    }

    /** Overwrites a part of a tensor that is placed. */
    void write(Part part, int at, HostTensor tensor) {
        long size = tensor.size();
        for (long from = 0; from < size; from += SLICE) {
            int count = (int) Math.min(SLICE, size - from);
            try (NDManager scope = module.manager().newSubManager()) {
                NDArray values = NativeArrays.zeros(scope, count);
                tensor.copyFloats(from, NativeArrays.floats(values));
                module.tell("fill", part.ordinal(), at, from, values);
            }
        }
    }

    /** The part of the tensor at a place, read when it is written or copied; valid until the kernel changes. */
    LiveTensor live(Part part, int at, ElementType type, long... shape) {
        return new LiveTensor(this, part, at, type, shape);
    }

    /** Float32 values from an element on, owned by the scope; empty if there is no such part. */
    NDArray read(NDManager scope, Part part, int at, long from, int count) {
        return module.call(scope, "read", part.ordinal(), at, from, count).get(0);
    }

    void forgetMoments() {
        module.tell("forget_moments");
    }

    void adapt(double scale, double dropout) {
        module.tell("adapt", scale, dropout);
    }

    /** Log-probabilities and entropies of all targets, without gradient. */
    NDList evaluate(PackedBatch batch, double inverseTemperature, boolean adapted, NDManager scope) {
        return module.call(
                scope, "evaluate", batch.ids(), batch.rows(), batch.targets(), inverseTemperature, adapted);
    }

    void encode(PackedBatch batch, long seed, NDManager scope) {
        module.callWithGradient(
                scope, "encode", batch.ids(), batch.rows(), NativeArrays.of(scope, new long[] {seed}));
    }

    NDList score(PackedBatch batch, TokenSpan span, double inverseTemperature, NDManager scope) {
        return module.call(scope, "score", span.first(), span.last(), batch.targets(), inverseTemperature);
    }

    void descend(PackedBatch batch, TokenSpan span, double inverseTemperature, NDArray cotangent) {
        module.tell("descend", span.first(), span.last(), batch.targets(), inverseTemperature, cotangent);
    }

    void finish(NDManager scope) {
        module.callWithGradient(scope, "finish", NativeArrays.of(scope, new long[1]));
    }

    /** @return the gradients' norm before clipping */
    double update(AdamWSettings settings, long step) {
        return module.callForDouble(
                "update",
                settings.learningRate(),
                settings.beta1(),
                settings.beta2(),
                settings.epsilon(),
                settings.weightDecay(),
                settings.gradientClip(),
                step);
    }

    /** Names of the weights by place. */
    List<String> names() {
        return new ArrayList<>(names);
    }

    @Override
    public void close() {
        module.close();
    }
}
