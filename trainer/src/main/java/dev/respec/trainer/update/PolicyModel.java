package dev.respec.trainer.update;

import dev.respec.model.training.AdamWSettings;
import dev.respec.model.training.BatchOutcome;
import dev.respec.model.training.MicroBatchPass;
import dev.respec.model.training.SampledBatch;
import dev.respec.model.training.TrainableModel;
import java.util.List;

/** What an update needs of a policy. Owned by one thread. */
public interface PolicyModel extends ResponseScores {
    /**
     * Forward passes and one backward pass of Σ cotangent · log-probability for each; gradients add up until {@link #step}.
     * Cotangents may be asked for on several threads at the same time.
     *
     * @return what was computed, in the order given
     */
    List<BatchOutcome> forwardBackward(List<MicroBatchPass> passes);

    /** Updates the weights and forgets the gradients. Returns their norm before clipping; nothing happens if not finite. */
    double step(AdamWSettings settings);

    /** The model as a policy. */
    static PolicyModel of(TrainableModel model) {
        return new PolicyModel() {
            @Override
            public List<BatchOutcome> forwardBackward(List<MicroBatchPass> passes) {
                return model.forwardBackward(passes);
            }

            @Override
            public List<float[][]> logProbabilities(List<SampledBatch> batches) {
                return model.evaluate(batches).stream()
                        .map(BatchOutcome::logProbabilities)
                        .toList();
            }

            @Override
            public int mostDenseTokens() {
                return model.mostDenseTokens();
            }

            @Override
            public double step(AdamWSettings settings) {
                return model.step(settings);
            }
        };
    }
}
