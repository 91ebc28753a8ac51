package dev.respec.model.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.checkpoint.Safetensors;
import dev.respec.model.checkpoint.SafetensorsFile;
import dev.respec.model.kernels.NativeArrays;
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
 * <p>Owned by one thread, the one that loaded it; it may compute on others.
 */
public final class TrainableModel implements AutoCloseable {
    /** Most weights of a policy that computes micro-batches side by side: each lane has gradients of its own. */
    private static final long LANES_UP_TO_WEIGHTS = 1L << 25;

    /** Micro-batches come in multiples of as many. */
    private static final int MOST_LANES = 4;

    private final Checkpoint origin;
    private final TrainableKernel kernel;
    private final @Nullable Lanes lanes;
    private final @Nullable LoraFactors lora;
    private long steps;

    private TrainableModel(
            Checkpoint origin, TrainableKernel kernel, @Nullable Lanes lanes, @Nullable LoraFactors lora) {
        this.origin = origin;
        this.kernel = kernel;
        this.lanes = lanes;
        this.lora = lora;
    }

    /** Derivative of the loss with respect to each response token's log-probability. */
    @FunctionalInterface
    public interface Cotangent {
        /**
         * Of the micro-batches of one call several may be asked at the same time.
         *
         * @param logProbabilities [row][response token]
         * @param out same shape, zero on entry
         */
        void apply(float[][] logProbabilities, float[][] out);
    }

    /**
     * A policy of which all weights are trained.
     *
     * @param threads threads to compute on: a small policy's micro-batches side by side, a large one's operations; 0 for
     *     as many as pay even beside other work
     */
    public static TrainableModel load(Checkpoint checkpoint, int threads) {
        return load(checkpoint, null, threads);
    }

    /**
     * A policy of which an adapter alone is trained; the checkpoint stays as it is.
     *
     * @param threads as for {@link #load(Checkpoint, int)}
     */
    public static TrainableModel loadAdapted(Checkpoint base, LoraAdapter adapter, int threads) {
        return load(base, new LoraFactors(base, adapter), threads);
    }

    private static TrainableModel load(Checkpoint base, @Nullable LoraFactors lora, int threads) {
        boolean small = base.config().parameters() <= LANES_UP_TO_WEIGHTS;
        Torch.useThreads(small ? 1 : Math.max(threads, 1));
        Torch.enterThread();
        TrainableKernel kernel = new TrainableKernel(base.config());
        Lanes lanes = small ? new Lanes(base.config(), kernel, lanes(threads)) : null;
        TrainableModel model = new TrainableModel(base, kernel, lanes, lora);
        try (NDManager scope = kernel.scope()) {
            model.load(WeightOrder.arrays(lora == null ? base : lora.merged(), scope), scope);
        }
        return model;
    }

    private static int lanes(int threads) {
        return threads > 0 ? threads : Math.min(Runtime.getRuntime().availableProcessors(), MOST_LANES);
    }

    private void load(List<NDArray> weights, NDManager scope) {
        kernel.load(weights, scope);
        if (lanes != null) {
            lanes.share();
        }
    }

    /**
     * From now on a layer's activations are forgotten and computed again for its gradient: memory for one layer's instead of
     * all layers', about a third more time. Gradients are the same.
     */
    public void recomputeActivations() {
        kernel.recomputeActivations();
        if (lanes != null) {
            lanes.recomputeActivations();
        }
    }

    public ModelConfig config() {
        return origin.config();
    }

    /** Threads that it computes on. */
    public int threads() {
        return lanes == null ? Torch.threads() : lanes.count();
    }

    /** 10^9 floating-point operations a second that the calling thread reaches in the products of training. */
    public double productGigaflops() {
        return kernel.productGigaflops();
    }

    /** Optimiser steps taken. */
    public long steps() {
        return steps;
    }

    /**
     * Forward passes and one backward pass of Σ cotangent · log-probability for each; gradients add up until {@link #step}.
     *
     * @return what was computed, in the order given
     */
    public List<BatchOutcome> forwardBackward(List<MicroBatchPass> passes) {
        return lanes == null ? passes.stream().map(kernel::forwardBackward).toList() : lanes.forwardBackward(passes);
    }

    public BatchOutcome forwardBackward(TokenBatch batch, double temperature, Cotangent cotangent) {
        return forwardBackward(List.of(new MicroBatchPass(new SampledBatch(batch, temperature), cotangent)))
                .get(0);
    }

    public BatchOutcome forwardBackward(TokenBatch batch, Cotangent cotangent) {
        return forwardBackward(batch, 1.0, cotangent);
    }

    /** Log-probabilities and entropies without touching gradients. */
    public List<BatchOutcome> evaluate(List<SampledBatch> batches) {
        return lanes == null ? batches.stream().map(kernel::evaluate).toList() : lanes.evaluate(batches);
    }

    public BatchOutcome evaluate(TokenBatch batch, double temperature) {
        return evaluate(List.of(new SampledBatch(batch, temperature))).get(0);
    }

    /** @return [row][response token], at temperature 1, without gradient */
    public float[][] logProbabilities(TokenBatch batch) {
        return evaluate(batch, 1.0).logProbabilities();
    }

    /**
     * Clips by global norm, updates every parameter and zeroes the gradients. A norm that is not finite changes nothing.
     *
     * @return the norm before clipping
     */
    public double step(AdamWSettings settings) {
        double norm = lora == null ? kernel.update(settings, steps + 1) : stepFactors(lora, settings);
        if (Double.isFinite(norm)) {
            steps++;
        }
        return norm;
    }

    private double stepFactors(LoraFactors factors, AdamWSettings settings) {
        double norm = factors.step(gradients(), settings, steps + 1);
        loadMerged(factors);
        return norm;
    }

    private void loadMerged(LoraFactors factors) {
        try (NDManager scope = kernel.scope()) {
            load(WeightOrder.arrays(factors.merged(), scope), scope);
        }
    }

    /** The adapter as it is now; empty where all weights are trained. */
    public Optional<LoraAdapter> adapter() {
        return Optional.ofNullable(lora).map(LoraFactors::adapter);
    }

    /** A copy of the weights as they are now, an adapter merged into them, float32. */
    public Checkpoint checkpoint() {
        try (NDManager scope = kernel.scope()) {
            return new Checkpoint(
                    origin.config(), named(WeightOrder.names(config()), kernel.weights(scope)), origin.source());
        }
    }

    /** Gradients accumulated so far, by tensor name. */
    public Map<String, HostTensor> gradients() {
        try (NDManager scope = kernel.scope()) {
            return named(WeightOrder.names(config()), kernel.gradients(scope));
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
        try (NDManager scope = kernel.scope()) {
            Safetensors.write(file, named(stateNames(), kernel.state(scope)), Map.of("steps", Long.toString(steps)));
        }
    }

    /** Continues exactly where {@link #save} left off. */
    public void restore(Path file) {
        SafetensorsFile stored = Safetensors.open(file);
        if (lora == null) {
            restoreWeights(stored);
        } else {
            lora.restore(stored);
            loadMerged(lora);
        }
        String text = stored.metadata().get("steps");
        if (text == null) {
            throw new CheckpointException(
                    file + ": no step count in its metadata; not an optimiser state of this project");
        }
        steps = Long.parseLong(text);
    }

    private void restoreWeights(SafetensorsFile stored) {
        try (NDManager scope = kernel.scope()) {
            List<NDArray> arrays = new ArrayList<>();
            for (String name : stateNames()) {
                arrays.add(
                        stored.tensors().containsKey(name)
                                ? NativeArrays.of(scope, stored.tensor(name))
                                : NativeArrays.of(scope, new float[0]));
            }
            int count = arrays.size() / 3;
            requireSameShapes(stored.path(), arrays.subList(0, count), scope);
            load(arrays.subList(0, count), scope);
            kernel.restoreMoments(arrays.subList(count, 3 * count), scope);
        }
    }

    private void requireSameShapes(Path file, List<NDArray> stored, NDManager scope) {
        List<NDArray> current = kernel.weights(scope);
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
        if (lanes != null) {
            lanes.close();
        }
        kernel.close();
    }
}
