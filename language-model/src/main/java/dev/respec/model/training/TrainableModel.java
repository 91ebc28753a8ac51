package dev.respec.model.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.checkpoint.Safetensors;
import dev.respec.model.checkpoint.SafetensorsFile;
import dev.respec.model.kernels.NativeArrays;
import dev.respec.model.kernels.ScriptedModule;
import dev.respec.model.kernels.Torch;
import dev.respec.model.kernels.WeightOrder;
import dev.respec.model.lora.LoraAdapter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A policy with gradients and AdamW state, of all its weights or of an adapter.
 *
 * <p>Owned by one thread, the one that loaded it.
 */
public final class TrainableModel implements AutoCloseable {
    private final Checkpoint origin;
    private final ScriptedModule module;
    private final @Nullable LoraFactors lora;
    private long steps;

    private TrainableModel(Checkpoint origin, ScriptedModule module, @Nullable LoraFactors lora) {
        this.origin = origin;
        this.module = module;
        this.lora = lora;
    }

    /** Derivative of the loss with respect to each response token's log-probability. */
    @FunctionalInterface
    public interface Cotangent {
        /**
         * @param logProbabilities [row][response token]
         * @param out same shape, zero on entry
         */
        void apply(float[][] logProbabilities, float[][] out);
    }

    /** @param threads threads an operation may use, for the whole process */
    public static TrainableModel load(Checkpoint checkpoint, int threads) {
        return load(checkpoint, null, threads);
    }

    /**
     * A policy of which an adapter alone is trained; the checkpoint stays as it is.
     *
     * @param threads threads an operation may use, for the whole process
     */
    public static TrainableModel loadAdapted(Checkpoint base, LoraAdapter adapter, int threads) {
        return load(base, new LoraFactors(base, adapter), threads);
    }

    private static TrainableModel load(Checkpoint base, @Nullable LoraFactors lora, int threads) {
        Torch.useThreads(threads);
        Torch.enterThread();
        ScriptedModule module = ScriptedModule.load(ScriptedModule.class, "trainable");
        ModelConfig config = base.config();
        try (NDManager scope = module.manager().newSubManager()) {
            float[] frequencies = config.rope().inverseFrequencies(config.headDimension());
            module.tell(
                    "configure",
                    config.layers(),
                    config.heads(),
                    config.keyValueHeads(),
                    config.headDimension(),
                    config.rmsNormEpsilon(),
                    NativeArrays.of(scope, frequencies),
                    config.rope().attentionFactor());
        }
        TrainableModel model = new TrainableModel(base, module, lora);
        model.load(lora == null ? base : lora.merged());
        return model;
    }

    private void load(Checkpoint weights) {
        try (NDManager scope = module.manager().newSubManager()) {
            module.callWithGradient(scope, "load", WeightOrder.arrays(weights, scope));
        }
    }

    /**
     * From now on a layer's activations are forgotten and computed again for its gradient: memory for one layer's instead of
     * all layers', about a third more time. Gradients are the same.
     */
    public void recomputeActivations() {
        module.tell("recompute", true);
    }

    public ModelConfig config() {
        return origin.config();
    }

    /** Optimiser steps taken. */
    public long steps() {
        return steps;
    }

    /**
     * Forward pass, then one backward pass of Σ cotangent · log-probability; gradients add up until {@link #step}.
     *
     * @param temperature what the response was sampled at
     */
    public BatchOutcome forwardBackward(TokenBatch batch, double temperature, Cotangent cotangent) {
        try (NDManager scope = module.manager().newSubManager()) {
            PackedBatch packed = PackedBatch.of(batch, scope);
            BatchOutcome outcome = forward(packed, temperature, scope);
            float[][] out = packed.zeros();
            cotangent.apply(outcome.logProbabilities(), out);
            module.callWithGradient(scope, "accumulate", NativeArrays.of(scope, packed.flatten(out)));
            return outcome;
        }
    }

    public BatchOutcome forwardBackward(TokenBatch batch, Cotangent cotangent) {
        return forwardBackward(batch, 1.0, cotangent);
    }

    /** Log-probabilities and entropies without touching gradients. */
    public BatchOutcome evaluate(TokenBatch batch, double temperature) {
        try (NDManager scope = module.manager().newSubManager()) {
            PackedBatch packed = PackedBatch.of(batch, scope);
            NDList result = module.call(
                    scope, "forward", packed.ids(), packed.rows(), packed.targets(), packed.scale(temperature));
            return packed.outcome(result);
        }
    }

    /** @return [row][response token], at temperature 1, without gradient */
    public float[][] logProbabilities(TokenBatch batch) {
        return evaluate(batch, 1.0).logProbabilities();
    }

    private BatchOutcome forward(PackedBatch packed, double temperature, NDManager scope) {
        return packed.outcome(module.callWithGradient(
                scope, "forward", packed.ids(), packed.rows(), packed.targets(), packed.scale(temperature)));
    }

    /**
     * Clips by global norm, updates every parameter and zeroes the gradients. A norm that is not finite changes nothing.
     *
     * @return the norm before clipping
     */
    public double step(AdamWSettings settings) {
        double norm = lora == null ? stepWeights(settings) : stepFactors(lora, settings);
        if (Double.isFinite(norm)) {
            steps++;
        }
        return norm;
    }

    private double stepFactors(LoraFactors factors, AdamWSettings settings) {
        double norm = factors.step(gradients(), settings, steps + 1);
        load(factors.merged());
        return norm;
    }

    private double stepWeights(AdamWSettings settings) {
        return module.callForDouble(
                "update",
                settings.learningRate(),
                settings.beta1(),
                settings.beta2(),
                settings.epsilon(),
                settings.weightDecay(),
                settings.gradientClip(),
                steps + 1);
    }

    /** The adapter as it is now; empty where all weights are trained. */
    public Optional<LoraAdapter> adapter() {
        return Optional.ofNullable(lora).map(LoraFactors::adapter);
    }

    /** A copy of the weights as they are now, an adapter merged into them, float32. */
    public Checkpoint checkpoint() {
        return new Checkpoint(origin.config(), read("state", false), origin.source());
    }

    /** Gradients accumulated so far, by tensor name. */
    public Map<String, HostTensor> gradients() {
        return read("gradients");
    }

    private Map<String, HostTensor> read(String method, Object... arguments) {
        List<String> names = WeightOrder.names(config());
        try (NDManager scope = module.manager().newSubManager()) {
            return named(names, module.call(scope, method, arguments));
        }
    }

    private static Map<String, HostTensor> named(List<String> names, List<NDArray> arrays) {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            NDArray array = arrays.get(i);
            if (array.size() > 0) {
                tensors.put(
                        names.get(i),
                        HostTensor.ofFloats(
                                array.toFloatArray(), array.getShape().getShape()));
            }
        }
        return tensors;
    }

    /** Writes weights, both moments and the step count; atomic. */
    public void save(Path file) {
        if (lora != null) {
            Safetensors.write(file, lora.state(), Map.of("steps", Long.toString(steps)));
            return;
        }
        try (NDManager scope = module.manager().newSubManager()) {
            List<NDArray> state = module.call(scope, "state", true);
            Safetensors.write(file, named(stateNames(), state), Map.of("steps", Long.toString(steps)));
        }
    }

    /** Continues exactly where {@link #save} left off. */
    public void restore(Path file) {
        SafetensorsFile stored = Safetensors.open(file);
        if (lora == null) {
            restoreWeights(stored);
        } else {
            lora.restore(stored);
            load(lora.merged());
        }
        String text = stored.metadata().get("steps");
        if (text == null) {
            throw new CheckpointException(
                    file + ": no step count in its metadata; not an optimiser state of this project");
        }
        steps = Long.parseLong(text);
    }

    private void restoreWeights(SafetensorsFile stored) {
        try (NDManager scope = module.manager().newSubManager()) {
            List<NDArray> arrays = new ArrayList<>();
            for (String name : stateNames()) {
                arrays.add(
                        stored.tensors().containsKey(name)
                                ? NativeArrays.of(scope, stored.tensor(name))
                                : NativeArrays.of(scope, new float[0]));
            }
            int count = arrays.size() / 3;
            requireSameShapes(stored.path(), arrays.subList(0, count), scope);
            module.callWithGradient(scope, "load", arrays.subList(0, count));
            module.callWithGradient(scope, "restore", arrays.subList(count, 3 * count));
        }
    }

    private void requireSameShapes(Path file, List<NDArray> stored, NDManager scope) {
        List<NDArray> current = module.call(scope, "state", false);
        List<String> names = WeightOrder.names(config());
        for (int i = 0; i < names.size(); i++) {
            Shape expected = current.get(i).getShape();
            if (!expected.equals(stored.get(i).getShape())) {
                throw new CheckpointException(file + ": " + names.get(i) + " has shape "
                        + stored.get(i).getShape() + ", this policy needs " + expected);
            }
        }
    }

    private List<String> stateNames() {
        List<String> names = new ArrayList<>();
        for (String prefix : List.of("", "first_moment.", "second_moment.")) {
            WeightOrder.names(config()).forEach(name -> names.add(prefix + name));
        }
        return names;
    }

    @Override
    public void close() {
        module.close();
    }
}
