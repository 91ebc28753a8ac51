package dev.respec.model.training;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.model.checkpoint.ElementType;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.checkpoint.Safetensors;
import dev.respec.model.checkpoint.SafetensorsFile;
import dev.respec.model.kernels.Torch;
import dev.respec.model.lora.LoraAdapter;
import dev.respec.model.lora.LoraConfig;
import dev.respec.model.training.TrainableKernel.Holding;
import dev.respec.model.training.TrainableKernel.Layers;
import dev.respec.model.training.TrainableKernel.Part;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A policy with gradients and AdamW state, of all its weights or of an adapter.
 *
 * <p>Weights, gradients and moments exist once, in native memory: float32 where they are trained. The base of an adapter
 * keeps its own element type and has neither gradients nor moments. {@link TrainingMemory} says how much that is.
 *
 * <p>Owned by one thread, the one that loaded it; it may compute on others.
 */
public final class TrainableModel implements AutoCloseable {
    /** Most weights of a policy that computes micro-batches side by side: each lane has gradients of its own. */
    static final long LANES_UP_TO_WEIGHTS = 1L << 25;

    /** Micro-batches come in multiples of as many. */
    static final int MOST_LANES = 4;

    private static final String STEPS = "steps";

    /** Bits of a dropout seed for the micro-batch and for the layer. */
    private static final int SEED_BITS = 16;

    private final Checkpoint origin;
    private final TrainableKernel kernel;
    private final TrainedTensors trained;
    private final @Nullable Lanes lanes;
    private final @Nullable LoraConfig lora;
    private long steps;
    private long microBatches;

    private TrainableModel(
            Checkpoint origin,
            TrainableKernel kernel,
            TrainedTensors trained,
            @Nullable Lanes lanes,
            @Nullable LoraConfig lora) {
        this.origin = origin;
        this.kernel = kernel;
        this.trained = trained;
        this.lanes = lanes;
        this.lora = lora;
    }

    /** Derivative of the loss with respect to each response token's log-probability. */
    @FunctionalInterface
    public interface Cotangent {
        /**
         * Called for consecutive rows of a micro-batch at a time, each row once. Of the micro-batches of one call several
         * may be asked at the same time.
         *
         * @param firstRow row of the micro-batch that the arrays begin with
         * @param logProbabilities [row][response token]
         * @param out same shape, zero on entry
         */
        void apply(int firstRow, float[][] logProbabilities, float[][] out);
    }

    /**
     * A policy of which all weights are trained.
     *
     * @param threads threads to compute on: a small policy's micro-batches side by side, a large one's operations; 0 for
     *     as many as pay even beside other work
     */
    public static TrainableModel load(Checkpoint checkpoint, int threads) {
        boolean small = enter(checkpoint.config(), threads);
        TrainableKernel kernel = new TrainableKernel(checkpoint.config(), Layers.FASTEST);
        TrainedTensors trained = TrainedTensors.ofWeights(kernel, checkpoint);
        Lanes lanes = small ? new Lanes(checkpoint.config(), kernel, Layers.FASTEST, lanes(threads)) : null;
        return new TrainableModel(checkpoint, kernel, trained, lanes, null);
    }

    /**
     * A policy of which an adapter alone is trained. The base stays as it is, in its own element type; if that is not
     * float32, activations are always recomputed: memory is why a base is kept so, and a recorded graph, as for dropout,
     * would hold widened copies of all weights.
     *
     * @param dropout share of the inputs of each product that training leaves out
     * @param threads as for {@link #load(Checkpoint, int)}
     */
    public static TrainableModel loadAdapted(Checkpoint base, LoraAdapter adapter, double dropout, int threads) {
        adapter.requireFits(base);
        // dropout draws from the one generator of the process, which lanes would share
        boolean small = enter(base.config(), threads) && dropout == 0;
        Layers layers = dropout == 0 ? Layers.FASTEST : Layers.RECORDED;
        TrainableKernel kernel = new TrainableKernel(base.config(), layers);
        kernel.place(base, Holding.FROZEN);
        kernel.adapt(adapter.config().scale(), dropout);
        TrainedTensors trained = TrainedTensors.ofAdapter(kernel, adapter);
        Lanes lanes = small ? new Lanes(base.config(), kernel, layers, lanes(threads)) : null;
        if (lanes != null) {
            lanes.adapt(adapter.config().scale());
        }
        TrainableModel model = new TrainableModel(base, kernel, trained, lanes, adapter.config());
        if (base.storedType() != ElementType.FLOAT32) {
            model.recomputeActivations();
        }
        return model;
    }

    /** Prepares the thread. Returns whether the policy is small enough for lanes. */
    private static boolean enter(ModelConfig config, int threads) {
        // lanes share a processor's threads; a device computes one micro-batch after the other
        boolean small = Torch.device().isCpu() && config.parameters() <= LANES_UP_TO_WEIGHTS;
        Torch.useThreads(small ? 1 : Math.max(threads, 1));
        Torch.enterThread();
        return small;
    }

    /** Micro-batches side by side of a small policy. */
    static int lanes(int threads) {
        return threads > 0 ? threads : Math.min(Runtime.getRuntime().availableProcessors(), MOST_LANES);
    }

    /** From now on activations are forgotten and computed again for their gradient: less memory, a third more time. */
    public void recomputeActivations() {
        kernel.recomputeActivations();
        if (lanes != null) {
            lanes.recomputeActivations();
        }
    }

    /** For tests: the most elements of a chunk of logits. */
    void useChunksOf(long elements) {
        kernel.useChunksOf(elements);
        if (lanes != null) {
            lanes.useChunksOf(elements);
        }
    }

    public ModelConfig config() {
        return origin.config();
    }

    /** Threads that it computes on. */
    public int threads() {
        return lanes == null ? Torch.threads() : lanes.count();
    }

    /** Length of the longest row of a batch that is computed without padding and with shared prompts once; 0 for none. */
    public int mostDenseTokens() {
        return lanes == null ? 0 : lanes.mostDenseTokens();
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
        return lanes == null
                ? passes.stream()
                        .map(pass -> kernel.forwardBackward(pass, nextSeed()))
                        .toList()
                : lanes.forwardBackward(passes);
    }

    /** The same at the same place of a run, so that a resumed run leaves out the same inputs. */
    private long nextSeed() {
        return (steps << SEED_BITS | microBatches++) << SEED_BITS;
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
        return evaluate(batches, true);
    }

    /** As {@link #evaluate(List)}, of the base that the adapter changes. */
    public List<BatchOutcome> evaluateBase(List<SampledBatch> batches) {
        if (lora == null) {
            throw new IllegalStateException("a policy that is trained as a whole has no base");
        }
        return evaluate(batches, false);
    }

    private List<BatchOutcome> evaluate(List<SampledBatch> batches, boolean adapted) {
        return lanes == null
                ? batches.stream().map(batch -> kernel.evaluate(batch, adapted)).toList()
                : lanes.evaluate(batches, adapted);
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
        double norm = kernel.update(settings, steps + 1);
        microBatches = 0;
        if (Double.isFinite(norm)) {
            steps++;
        }
        return norm;
    }

    /** The adapter as it is now; empty if all weights are trained. */
    public Optional<LoraAdapter> adapter() {
        return lora == null ? Optional.empty() : Optional.of(new LoraAdapter(lora, trained.products()));
    }

    /** A copy of the weights as they are now, on the heap, an adapter merged into them, float32. */
    public Checkpoint checkpoint() {
        return adapter()
                .map(adapter -> adapter.mergeInto(origin))
                .orElseGet(() -> new Checkpoint(config(), trained.copies(Part.VALUE), origin.source()));
    }

    /**
     * Writes the weights as they are now, an adapter merged into them, as a checkpoint in the element type of the one that
     * training began with. Tensor by tensor: no copy of the model is made.
     */
    public void write(Path folder) {
        adapter()
                .map(adapter -> adapter.mergeInto(origin))
                .orElseGet(() -> new Checkpoint(config(), trained.live(Part.VALUE), origin.source()))
                .write(folder, origin.storedType());
    }

    /** As {@link #write}, of a policy trained as a whole, without tokenizer and other files that training does not change. */
    public void writeWeights(Path folder) {
        new Checkpoint(config(), trained.live(Part.VALUE)).write(folder, origin.storedType());
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
            throw new CheckpointException(file + ": no step count in its metadata; not an optimiser state of respec");
        }
        long taken = Long.parseLong(text);
        trained.restore(stored, taken);
        steps = taken;
        microBatches = 0;
    }

    @Override
    public void close() {
        if (lanes != null) {
            lanes.close();
        }
        kernel.close();
    }
}
