package dev.respec.trainer.update;

import dev.respec.model.training.SampledBatch;
import java.util.List;

/** How probable responses are under a policy. */
@FunctionalInterface
public interface ResponseScores {
    /** Log-probabilities of the response tokens without gradient, [row][token] for each batch. */
    List<float[][]> logProbabilities(List<SampledBatch> batches);

    /** Length of the longest row of a batch that is computed without padding and with shared prompts once; 0 for none. */
    default int mostDenseTokens() {
        return 0;
    }
}
