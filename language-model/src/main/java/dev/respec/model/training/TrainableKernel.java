package dev.respec.model.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.kernels.NativeArrays;
import dev.respec.model.kernels.Packing;
import dev.respec.model.kernels.ScriptedModule;
import dev.respec.model.kernels.WeightOrder;
import java.util.List;

/** The scripted module of a policy in training. Used by one thread at a time. */
final class TrainableKernel implements AutoCloseable {
    private static final int MEASURED_SIZE = 768;
    private static final int MEASURED_PRODUCTS = 20;

    private final ScriptedModule module;

    TrainableKernel(ModelConfig config) {
        this(config, Packing.float32().packs());
    }

    /** @param writesOut whether layers are computed by written-out passes, or as autograd records them */
    TrainableKernel(ModelConfig config, boolean writesOut) {
        module = ScriptedModule.load(ScriptedModule.class, "trainable");
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
        module.tell("write_out", writesOut);
    }

    /** Owner of arrays that a caller is done with soon. */
    NDManager scope() {
        return module.manager().newSubManager();
    }

    void recomputeActivations() {
        module.tell("recompute", true);
    }

    void load(Checkpoint weights) {
        try (NDManager scope = scope()) {
            load(WeightOrder.arrays(weights, scope), scope);
        }
    }

    void load(List<NDArray> weights, NDManager scope) {
        module.callWithGradient(scope, "load", weights);
    }

    void restoreMoments(List<NDArray> moments, NDManager scope) {
        module.callWithGradient(scope, "restore", moments);
    }

    /** Computes with the other's weights from now on, without a copy, until the other loads new ones. */
    void share(TrainableKernel owner) {
        try (NDManager scope = scope()) {
            module.callWithGradient(scope, "share", owner.weights(scope));
        }
    }

    List<NDArray> weights(NDManager scope) {
        return module.call(scope, "state", false);
    }

    /** Weights, first moments, second moments. */
    List<NDArray> state(NDManager scope) {
        return module.call(scope, "state", true);
    }

    List<NDArray> gradients(NDManager scope) {
        return module.call(scope, "gradients");
    }

    /** Adds the other's gradients, which become zero. */
    void takeGradients(TrainableKernel other) {
        try (NDManager scope = scope()) {
            module.tell("add_gradients", other.gradients(scope));
        }
    }

    BatchOutcome forwardBackward(MicroBatchPass pass) {
        try (NDManager scope = scope()) {
            PackedBatch packed = PackedBatch.of(pass.batch().tokens(), scope);
            BatchOutcome outcome = packed.outcome(module.callWithGradient(
                    scope,
                    "forward",
                    packed.ids(),
                    packed.rows(),
                    packed.targets(),
                    packed.scale(pass.batch().temperature())));
            float[][] out = packed.zeros();
            pass.cotangent().apply(outcome.logProbabilities(), out);
            module.callWithGradient(scope, "accumulate", NativeArrays.of(scope, packed.flatten(out)));
            return outcome;
        }
    }

    BatchOutcome evaluate(SampledBatch batch) {
        try (NDManager scope = scope()) {
            PackedBatch packed = PackedBatch.of(batch.tokens(), scope);
            return packed.outcome(module.call(
                    scope,
                    "forward",
                    packed.ids(),
                    packed.rows(),
                    packed.targets(),
                    packed.scale(batch.temperature())));
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
            double operations = module.callForDouble("multiply", MEASURED_SIZE, 1);
            best = Math.max(best, operations / (System.nanoTime() - begun));
        }
        return best;
    }

    @Override
    public void close() {
        module.close();
    }
}
