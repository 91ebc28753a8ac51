package dev.respec.model.training;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.model.checkpoint.ElementType;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.checkpoint.Safetensors;
import dev.respec.model.checkpoint.SafetensorsFile;
import dev.respec.model.kernels.NativeArrays;
import dev.respec.model.lora.LoraAdapter;
import dev.respec.model.lora.LoraConfig;
import dev.respec.model.training.PolicyKernel.Holding;
import dev.respec.model.training.PolicyKernel.Part;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A policy with gradients and AdamW state, of all its weights or of an adapter.
 *
 * <p>Weights, gradients and moments exist once, in native memory: float32 where they are trained. The base of an adapter
 * keeps its own element type and has neither gradients nor moments. {@link TrainingMemory} says how much that is.
 *
 * <p>Owned by one thread, the one that loaded it.
 */
public final class TrainableModel implements AutoCloseable {
    private static final String STEPS = "steps";

    /** Micro-batches of a step, and places of a layer, that have a seed of their own for dropout. */
    private static final int SEED_BITS = 16;

    private final PolicyKernel kernel;
    private final TrainedTensors trained;
    private final ElementType storedType;
    private final @Nullable Path source;
    private final @Nullable Adapted adapted;
    private long steps;
    private long microBatches;

    /** What an adapter changes. */
    private record Adapted(Checkpoint base, LoraConfig config) {}

    private TrainableModel(
            PolicyKernel kernel, TrainedTensors trained, Checkpoint origin, @Nullable Adapted adapted) {
        this.kernel = kernel;
        this.trained = trained;
        this.storedType = origin.storedType();
        this.source = origin.source();
        this.adapted = adapted;
    }

    /** Derivative of the loss with respect to each response token's log-probability. */
    @FunctionalInterface
    public interface Cotangent {
        /**
         * Called for consecutive rows of the batch at a time, each row once.
         *
         * @param firstRow row of the batch that the arrays begin with
         * @param logProbabilities [row][response token]
         * @param out same shape, zero on entry
         */
        void apply(int firstRow, float[][] logProbabilities, float[][] out);
    }

    /** @param threads threads an operation may use, for the whole process */
    public static TrainableModel load(Checkpoint checkpoint, int threads) {
        PolicyKernel kernel = PolicyKernel.open(checkpoint.config(), threads);
        return new TrainableModel(kernel, TrainedTensors.ofWeights(kernel, checkpoint), checkpoint, null);
    }

    /**
     * A policy of which an adapter alone is trained. The base stays as it is, in its own element type; if that is not
     * float32, activations are always recomputed, since a recorded graph would hold widened copies of all weights.
     *
     * @param dropout share of the inputs of each product that training leaves out
     * @param threads threads an operation may use, for the whole process
     */
    public static TrainableModel loadAdapted(Checkpoint base, LoraAdapter adapter, double dropout, int threads) {
        adapter.requireFits(base);
        PolicyKernel kernel = PolicyKernel.open(base.config(), threads);
        kernel.place(base, Holding.FROZEN);
        kernel.adapt(adapter.config().scale(), dropout);
        if (base.storedType() != ElementType.FLOAT32) {
            kernel.recomputeActivations();
        }
        return new TrainableModel(
                kernel, TrainedTensors.ofAdapter(kernel, adapter), base, new Adapted(base, adapter.config()));
    }

    /**
     * From now on a layer's activations are forgotten and computed again for its gradient: memory for one layer's instead of
     * all layers', about a third more time. Gradients are the same.
     */
    public void recomputeActivations() {
        kernel.recomputeActivations();
    }

    /** For tests: the most elements of a chunk of logits. */
    void useChunksOf(long elements) {
        kernel.useChunksOf(elements);
    }

    public ModelConfig config() {
        return kernel.config();
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
        float[][] logProbabilities = new float[batch.rows()][];
        float[][] entropies = new float[batch.rows()][];
        try (NDManager scope = kernel.module().manager().newSubManager()) {
            PackedBatch packed = PackedBatch.of(batch, scope);
            kernel.encode(packed, nextSeed(), scope);
            for (TokenSpan span : TokenSpan.of(batch, kernel.chunkTokens())) {
                BatchOutcome scored = descend(packed, span, 1 / temperature, cotangent);
                int count = span.lastRow() - span.firstRow();
                System.arraycopy(scored.logProbabilities(), 0, logProbabilities, span.firstRow(), count);
                System.arraycopy(scored.entropies(), 0, entropies, span.firstRow(), count);
            }
            kernel.finish(scope);
        }
        return new BatchOutcome(logProbabilities, entropies);
    }

    private BatchOutcome descend(PackedBatch packed, TokenSpan span, double inverse, Cotangent cotangent) {
        try (NDManager scope = kernel.module().manager().newSubManager()) {
            BatchOutcome scored = outcome(packed, span, kernel.score(packed, span, inverse, scope));
            float[][] out = packed.zeros(span);
            cotangent.apply(span.firstRow(), scored.logProbabilities(), out);
            kernel.descend(packed, span, inverse, NativeArrays.of(scope, packed.flatten(out, span)));
            return scored;
        }
    }

    /** The same at the same place of a run, so that a resumed run leaves out the same inputs. */
    private long nextSeed() {
        return (steps << SEED_BITS | microBatches++) << SEED_BITS;
    }

    public BatchOutcome forwardBackward(TokenBatch batch, Cotangent cotangent) {
        return forwardBackward(batch, 1.0, cotangent);
    }

    /** Log-probabilities and entropies without touching gradients. */
    public BatchOutcome evaluate(TokenBatch batch, double temperature) {
        return evaluate(batch, temperature, true);
    }

    /** As {@link #evaluate}, of the policy that the adapter changes. */
    public BatchOutcome evaluateBase(TokenBatch batch, double temperature) {
        if (adapted == null) {
            throw new IllegalStateException("a policy that is trained as a whole has no base");
        }
        return evaluate(batch, temperature, false);
    }

    private BatchOutcome evaluate(TokenBatch batch, double temperature, boolean withAdapter) {
        try (NDManager scope = kernel.module().manager().newSubManager()) {
            PackedBatch packed = PackedBatch.of(batch, scope);
            return outcome(packed, packed.whole(), kernel.evaluate(packed, 1 / temperature, withAdapter, scope));
        }
    }

    private static BatchOutcome outcome(PackedBatch packed, TokenSpan span, NDList scores) {
        return new BatchOutcome(
                packed.perRow(scores.get(0).toFloatArray(), span), packed.perRow(scores.get(1).toFloatArray(), span));
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
        double norm = kernel.update(settings, steps + 1);
        microBatches = 0;
        if (Double.isFinite(norm)) {
            steps++;
        }
        return norm;
    }

    /** The adapter as it is now; empty where all weights are trained. */
    public Optional<LoraAdapter> adapter() {
        return Optional.ofNullable(adapted).map(it -> {
            Map<String, HostTensor> factors = trained.copies(Part.VALUE);
            Map<String, LoraAdapter.Product> products = new LinkedHashMap<>();
            for (String weight : kernel.names()) {
                HostTensor down = factors.get(weight + ".lora_A");
                HostTensor up = factors.get(weight + ".lora_B");
                if (down != null && up != null) {
                    products.put(weight, new LoraAdapter.Product(down, up));
                }
            }
            return new LoraAdapter(it.config(), products);
        });
    }

    /** A copy of the weights as they are now, on the heap, an adapter merged into them, float32. */
    public Checkpoint checkpoint() {
        return adapted == null
                ? new Checkpoint(config(), trained.copies(Part.VALUE), source)
                : adapter().orElseThrow().mergeInto(adapted.base());
    }

    /**
     * Writes the weights as they are now, an adapter merged into them, as a checkpoint in the element type of the one that
     * training began with. Tensor by tensor: no copy of the model is made.
     */
    public void write(Path folder) {
        if (adapted == null) {
            Checkpoint.write(folder, config(), trained.live(Part.VALUE, storedType), storedType, source);
        } else {
            adapter().orElseThrow().mergeInto(adapted.base()).write(folder, storedType);
        }
    }

    /** Copies of the gradients accumulated so far, by tensor name. */
    public Map<String, HostTensor> gradients() {
        return trained.copies(Part.GRADIENT);
    }

    /** Writes trained tensors, both moments and the step count; atomic. */
    public void save(Path file) {
        Safetensors.write(file, trained.state(steps), Map.of(STEPS, Long.toString(steps)));
    }

    /** Continues exactly where {@link #save} left off. */
    public void restore(Path file) {
        SafetensorsFile stored = Safetensors.open(file);
        String text = stored.metadata().get(STEPS);
        if (text == null) {
            throw new CheckpointException(
                    file + ": no step count in its metadata; not an optimiser state of this project");
        }
        long taken = Long.parseLong(text);
        trained.restore(stored, taken);
        steps = taken;
        microBatches = 0;
    }

    @Override
    public void close() {
        kernel.close();
    }
}
