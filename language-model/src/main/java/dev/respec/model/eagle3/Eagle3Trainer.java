package dev.respec.model.eagle3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.Safetensors;
import dev.respec.model.kernels.NativeArrays;
import dev.respec.model.kernels.ScriptedModule;
import dev.respec.model.kernels.Torch;
import dev.respec.model.training.AdamWSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Distils a teacher into an EAGLE-3 drafter with the training-time test, in float32. Embeddings stay frozen.
 *
 * <p>Owned by one thread, the one that loaded it.
 */
public final class Eagle3Trainer implements AutoCloseable {
    private static final List<String> STATES = List.of("", "first_moment.", "second_moment.");

    private final Eagle3Checkpoint origin;
    private final TrainingTimeTest test;
    private final ScriptedModule module;
    private long steps;

    private Eagle3Trainer(Eagle3Checkpoint origin, TrainingTimeTest test, ScriptedModule module) {
        this.origin = origin;
        this.test = test;
        this.module = module;
    }

    /**
     * Loads a drafter with fresh moments.
     *
     * @param embeddings [V, h], see {@link Eagle3Checkpoint#embeddings}
     * @param threads threads an operation may use, for the whole process
     */
    public static Eagle3Trainer load(
            Eagle3Checkpoint checkpoint, HostTensor embeddings, TrainingTimeTest test, int threads) {
        Torch.useThreads(threads);
        Torch.enterThread();
        var module = ScriptedModule.load(Eagle3Trainer.class, "eagle3_training").on(Torch.device());
        var config = checkpoint.config();
        module.tell(
                "configure",
                config.heads(),
                config.keyValueHeads(),
                config.headDimension(),
                config.rmsNormEpsilon(),
                config.normBeforeResidual(),
                config.rope().attentionFactor());
        try (NDManager scope = module.manager().newSubManager()) {
            module.callWithGradient(
                    scope,
                    "load",
                    Eagle3Weights.parameters(checkpoint, scope),
                    Eagle3Weights.fixed(checkpoint, embeddings, scope));
        }
        return new Eagle3Trainer(checkpoint, test, module);
    }

    public TrainingTimeTest test() {
        return test;
    }

    /** Optimiser steps taken. */
    public long steps() {
        return steps;
    }

    /** Manager to derive owners of batches from. */
    public NDManager manager() {
        return module.manager();
    }

    /**
     * Forward and backward pass; gradients add up until {@link #step}.
     *
     * @param denominator what the summed loss is divided by: with several batches a step, the rows of all of them
     */
    public DistillationSums accumulate(DistillationBatch batch, double denominator) {
        try (NDManager scope = module.manager().newSubManager()) {
            NDArray sums = module.callWithGradient(scope, "accumulate", arguments(batch, denominator, scope))
                    .singletonOrThrow();
            return DistillationSums.of(sums.toFloatArray(), test.length());
        }
    }

    /** The same sums without gradients, and the verify steps that the drafter would need for the sequences. */
    public DistillationSums evaluate(DistillationBatch batch) {
        try (NDManager scope = module.manager().newSubManager()) {
            var results = module.call(scope, "evaluate", arguments(batch, 1, scope));
            int width = (int) batch.mask().getShape().get(1);
            float[] mask = batch.mask().toFloatArray();
            return DistillationSums.of(results.get(0).toFloatArray(), test.length())
                    .with(
                            VerifySteps.expected(results.get(1).toFloatArray(), mask, test.length(), width),
                            VerifySteps.expected(results.get(2).toFloatArray(), mask, test.length(), width));
        }
    }

    private Object[] arguments(DistillationBatch batch, double denominator, NDManager scope) {
        float[] scalars = {test.length(), (float) test.decay(), (float) denominator, (float) test.totalVariation()};
        return new Object[] {
            batch.features(),
            batch.ids(),
            batch.logits(),
            batch.mask(),
            batch.weights(),
            NativeArrays.of(scope, scalars)
        };
    }

    /**
     * Clips by global norm, updates every parameter and zeroes the gradients. A norm that is not finite changes nothing.
     *
     * @return the norm before clipping
     */
    public double step(AdamWSettings settings) {
        double norm = module.callForDouble(
                "step",
                steps + 1,
                settings.learningRate(),
                settings.beta1(),
                settings.beta2(),
                settings.epsilon(),
                settings.weightDecay(),
                settings.gradientClip());
        if (Double.isFinite(norm)) {
            steps++;
        }
        return norm;
    }

    /** A copy of the drafter as it is now. */
    public Eagle3Checkpoint checkpoint() {
        var state = read("state", STATES);
        state.keySet().removeIf(name -> name.startsWith(STATES.get(1)) || name.startsWith(STATES.get(2)));
        return origin.withParameters(state);
    }

    /** Goes on from another drafter of the same shape, with fresh moments. */
    public void adopt(Eagle3Checkpoint checkpoint) {
        if (!checkpoint.config().equals(origin.config())) {
            throw new IllegalArgumentException("the new weights belong to another drafter: expected " + origin.config()
                    + ", got " + checkpoint.config());
        }
        try (NDManager scope = module.manager().newSubManager()) {
            var parameters = Eagle3Weights.parameters(checkpoint, scope);
            var moments = new ArrayList<NDArray>();
            for (int i = 0; i < 2; i++) {
                parameters.forEach(parameter -> moments.add(parameter.zerosLike()));
            }
            module.tell("assign", parameters, moments);
        }
        steps = 0;
    }

    /** Gradients accumulated so far, by parameter name. */
    public Map<String, HostTensor> gradients() {
        return read("accumulated", List.of(""));
    }

    private Map<String, HostTensor> read(String method, List<String> prefixes) {
        try (NDManager scope = module.manager().newSubManager()) {
            List<NDArray> arrays = module.call(scope, method);
            var names = names(prefixes);
            var tensors = new LinkedHashMap<String, HostTensor>();
            for (int i = 0; i < names.size(); i++) {
                NDArray array = arrays.get(i);
                tensors.put(
                        names.get(i),
                        HostTensor.ofFloats(
                                array.toFloatArray(), array.getShape().getShape()));
            }
            return tensors;
        }
    }

    private List<String> names(List<String> prefixes) {
        var names = new ArrayList<String>();
        for (String prefix : prefixes) {
            origin.parameterNames().forEach(name -> names.add(prefix + name));
        }
        return names;
    }

    /** Writes parameters, both moments and the step count; atomic. Gradients not yet applied are not part of it. */
    public void save(Path file) {
        Safetensors.write(file, read("state", STATES), Map.of("steps", Long.toString(steps)));
    }

    /** Continues exactly where {@link #save} left off. */
    public void restore(Path file) {
        var stored = Safetensors.open(file);
        String count = stored.metadata().get("steps");
        if (count == null) {
            throw new CheckpointException(file + ": no step count in its metadata; not an optimiser state of respec");
        }
        try (NDManager scope = module.manager().newSubManager()) {
            var arrays = new ArrayList<NDArray>();
            for (String name : names(STATES)) {
                HostTensor tensor = stored.tensor(name);
                requireShape(file, name, tensor);
                arrays.add(NativeArrays.of(scope, tensor));
            }
            int parameters = origin.parameterNames().size();
            module.tell("assign", arrays.subList(0, parameters), arrays.subList(parameters, arrays.size()));
        }
        steps = Long.parseLong(count);
    }

    private void requireShape(Path file, String name, HostTensor stored) {
        HostTensor own = origin.tensors().get(name.replaceFirst("^(first|second)_moment\\.", ""));
        if (own == null || !Arrays.equals(own.shape(), stored.shape())) {
            throw new CheckpointException(
                    "%s: tensor %s: found %s, which does not fit this drafter's %s".formatted(file, name, stored, own));
        }
    }

    @Override
    public void close() {
        module.close();
    }
}
