package dev.respec.model.training;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ElementType;
import dev.respec.model.kernels.Torch;
import dev.respec.model.training.TrainableKernel.Holding;
import dev.respec.model.training.TrainableKernel.Layers;
import java.util.List;
import java.util.function.Function;

/**
 * A policy that stays as it is and says how probable responses are: no gradients, no moments, weights in their own element
 * type. Owned by one thread.
 */
public final class ReferencePolicy implements AutoCloseable {
    private final Function<List<SampledBatch>, List<BatchOutcome>> scores;
    private final Runnable close;

    private ReferencePolicy(Function<List<SampledBatch>, List<BatchOutcome>> scores, Runnable close) {
        this.scores = scores;
        this.close = close;
    }

    /** @param threads threads an operation may use, for the whole process; 0 for one */
    public static ReferencePolicy frozen(Checkpoint checkpoint, int threads) {
        Torch.useThreads(Math.max(threads, Torch.threads()));
        Torch.enterThread();
        // written-out layers compute on float32 weights
        Layers layers = checkpoint.storedType() == ElementType.FLOAT32 ? Layers.FASTEST : Layers.RECORDED;
        TrainableKernel kernel = new TrainableKernel(checkpoint.config(), layers);
        kernel.place(checkpoint, Holding.FROZEN);
        return new ReferencePolicy(
                batches -> batches.stream()
                        .map(batch -> kernel.evaluate(batch, true))
                        .toList(),
                kernel::close);
    }

    /** The base of an adapter in training, without a copy; closed with that model. */
    public static ReferencePolicy baseOf(TrainableModel adapted) {
        return new ReferencePolicy(adapted::evaluateBase, () -> {});
    }

    /** Log-probabilities of the response tokens, [row][token] for each batch. */
    public List<float[][]> logProbabilities(List<SampledBatch> batches) {
        return scores.apply(batches).stream()
                .map(BatchOutcome::logProbabilities)
                .toList();
    }

    @Override
    public void close() {
        close.run();
    }
}
