package dev.respec.model.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ElementType;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.kernels.ComputeDevice;
import dev.respec.model.kernels.NativeArrays;
import dev.respec.model.kernels.Packing;
import dev.respec.model.kernels.ScriptedModule;
import dev.respec.model.kernels.Torch;
import dev.respec.model.kernels.WeightOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The scripted module of a policy in training. Tensors enter and leave in slices, so that no copy of one exists on the Java
 * side. Used by one thread at a time.
 */
final class TrainableKernel implements AutoCloseable {
    /** Elements that enter at a time. */
    private static final int SLICE = 1 << 20;

    private static final int MEASURED_SIZE = 768;
    private static final int MEASURED_PRODUCTS = 20;

    /** How a tensor is held. */
    enum Holding {
        /** Float32, with a gradient. */
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

    /** How layers are computed. */
    enum Layers {
        /** In machine code where processor, model and sequences allow and all weights are trained, else written out. */
        FASTEST,
        /** By written-out passes of the native library where the processor has the products. */
        WRITTEN_OUT,
        /** As autograd records them, which dropout and a model without gradients need. */
        RECORDED
    }

    private final ScriptedModule module;
    private final List<String> names;
    private final ModelConfig config;
    private final Layers layers;
    private final long[] trained;
    private long chunkElements;
    private boolean trainsEveryWeight = true;
    private @Nullable MachinePass machine;

    TrainableKernel(ModelConfig config, Layers layers) {
        this.config = config;
        this.layers = layers;
        ComputeDevice device = Torch.device();
        module = ScriptedModule.load(ScriptedModule.class, "trainable").on(device);
        names = WeightOrder.names(config);
        trained = new long[3 * names.size()];
        try (NDManager scope = scope()) {
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
        boolean packs = device.isCpu() && Packing.float32().packs();
        module.tell("write_out", packs && layers != Layers.RECORDED, packs);
        useChunksOf(TrainingMemory.CHUNK_ELEMENTS);
    }

    /** Owner of arrays that a caller is done with soon. */
    NDManager scope() {
        return module.manager().newSubManager();
    }

    ScriptedModule module() {
        return module;
    }

    void recomputeActivations() {
        module.tell("recompute", true);
        closeMachine();
    }

    /** Most elements of one chunk of logits. */
    void useChunksOf(long elements) {
        chunkElements = elements;
        module.tell("chunk", elements);
    }

    /** Weights by place. */
    List<String> names() {
        return names;
    }

    /** Place of a weight's factor A. */
    int downOf(String weight) {
        return names.size() + names.indexOf(weight);
    }

    /** Place of a weight's factor B. */
    int upOf(String weight) {
        return 2 * names.size() + names.indexOf(weight);
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

    void place(int at, HostTensor tensor, Holding holding) {
        boolean half = tensor.type() == ElementType.BFLOAT16 && tensor.shape().length > 1;
        trained[at] = holding == Holding.TRAINED ? 1 : 0;
        trainsEveryWeight &= holding == Holding.TRAINED;
        long kind = holding == Holding.TRAINED ? 2 : half ? 1 : 0;
        try (NDManager scope = scope()) {
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
        float[] values = new float[(int) Math.min(SLICE, tensor.size())];
        for (long from = 0; from < tensor.size(); from += values.length) {
            int count = (int) Math.min(values.length, tensor.size() - from);
            tensor.read(from, values, 0, count);
            tensor.release(from, count);
            try (NDManager scope = scope()) {
                NDArray slice = NativeArrays.zeros(scope, count);
                NativeArrays.floats(slice).put(values, 0, count);
                module.tell("fill", part.ordinal(), at, from, slice);
            }
        }
    }

    /** Float32 values from an element on, owned by the scope; empty if there is no such part. */
    NDArray read(NDManager scope, Part part, int at, long from, int count) {
        return module.call(scope, "read", part.ordinal(), at, from, count).get(0);
    }

    void forgetMoments() {
        module.tell("forget_moments");
    }

    /** @param dropout share of the inputs of an adapter's products that training leaves out */
    void adapt(double scale, double dropout) {
        module.tell("adapt", scale, dropout);
    }

    /** Computes with the other's tensors from now on, without a copy, and with gradients of its own. */
    void share(TrainableKernel owner) {
        System.arraycopy(owner.trained, 0, trained, 0, trained.length);
        trainsEveryWeight = owner.trainsEveryWeight;
        try (NDManager scope = scope()) {
            List<NDArray> held = owner.module.call(scope, "held");
            module.callWithGradient(scope, "share", held, NativeArrays.of(scope, trained));
        }
        if (layers == Layers.FASTEST && trainsEveryWeight && Torch.device().isCpu() && MachineLayers.supports(config)) {
            machine = new MachinePass(config, module);
        }
    }

    private void closeMachine() {
        if (machine != null) {
            machine.close();
            machine = null;
        }
    }

    /** Length of the longest row of a batch that is computed without padding and with shared prompts once; 0 for none. */
    int mostDenseTokens() {
        return machine == null ? 0 : MachineLayers.MOST_WIDTH;
    }

    /** What computes the layers of a batch in machine code; null if they are computed by the native library. */
    private @Nullable MachinePass machine(TokenBatch batch) {
        return batch.width() <= mostDenseTokens() ? machine : null;
    }

    /** Adds the other's gradients, which become zero. */
    void takeGradients(TrainableKernel other) {
        try (NDManager scope = scope()) {
            module.tell("add_gradients", other.module.call(scope, "gradients"));
        }
    }

    /** @param seed decides what dropout leaves out */
    BatchOutcome forwardBackward(MicroBatchPass pass, long seed) {
        TokenBatch batch = pass.batch().tokens();
        BatchOutcome outcome = new BatchOutcome(new float[batch.rows()][], new float[batch.rows()][]);
        try (NDManager scope = scope()) {
            MachinePass inMachineCode = machine(batch);
            PackedBatch packed =
                    inMachineCode != null ? inMachineCode.encode(scope, batch) : encode(scope, batch, seed);
            for (TokenSpan span : TokenSpan.of(batch, (int) Math.max(1, chunkElements / config.vocabularySize()))) {
                BatchOutcome part = descend(pass, packed, span);
                int count = span.lastRow() - span.firstRow();
                System.arraycopy(part.logProbabilities(), 0, outcome.logProbabilities(), span.firstRow(), count);
                System.arraycopy(part.entropies(), 0, outcome.entropies(), span.firstRow(), count);
            }
            if (inMachineCode != null) {
                inMachineCode.finish(scope);
            } else {
                module.callWithGradient(scope, "finish", NativeArrays.of(scope, new long[1]));
            }
        }
        return outcome;
    }

    private PackedBatch encode(NDManager scope, TokenBatch batch, long seed) {
        PackedBatch packed = PackedBatch.of(batch, scope);
        module.callWithGradient(
                scope, "encode", packed.ids(), packed.rows(), NativeArrays.of(scope, new long[] {seed}));
        return packed;
    }

    private BatchOutcome descend(MicroBatchPass pass, PackedBatch packed, TokenSpan span) {
        double inverse = 1 / pass.batch().temperature();
        try (NDManager scope = scope()) {
            NDList scores = module.call(scope, "score", span.first(), span.last(), packed.targets(), inverse);
            BatchOutcome part = packed.outcome(scores, span);
            float[][] out = packed.zeros(span);
            pass.cotangent().apply(span.firstRow(), part.logProbabilities(), out);
            NDArray cotangent = NativeArrays.of(scope, packed.flatten(out, span));
            module.tell("descend", span.first(), span.last(), packed.targets(), inverse, cotangent);
            return part;
        }
    }

    /** @param adapted whether with the adapter, if there is one */
    BatchOutcome evaluate(SampledBatch batch, boolean adapted) {
        try (NDManager scope = scope()) {
            MachinePass inMachineCode = machine(batch.tokens());
            if (inMachineCode != null) {
                return inMachineCode.evaluate(scope, batch);
            }
            PackedBatch packed = PackedBatch.of(batch.tokens(), scope);
            NDList scores = module.call(
                    scope, "evaluate", packed.ids(), packed.rows(), packed.targets(), 1 / batch.temperature(), adapted);
            return packed.outcome(scores, packed.whole());
        }
    }

    /** Returns the gradient's norm before clipping. */
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

    /** 10^9 floating-point operations a second of products as layers do them, the best of some tries. */
    double productGigaflops() {
        double best = 0;
        for (int attempt = 0; attempt < MEASURED_PRODUCTS; attempt++) {
            long begun = System.nanoTime();
            best = Math.max(best, module.callForDouble("multiply", MEASURED_SIZE, 1) / (System.nanoTime() - begun));
        }
        return best;
    }

    @Override
    public void close() {
        closeMachine();
        module.close();
    }
}
