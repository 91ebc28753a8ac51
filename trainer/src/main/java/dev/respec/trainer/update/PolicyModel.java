package dev.respec.trainer.update;

import dev.respec.model.training.AdamWSettings;
import dev.respec.model.training.BatchOutcome;
import dev.respec.model.training.TokenBatch;
import dev.respec.model.training.TrainableModel;

/** What an update needs of a policy. Owned by one thread. */
public interface PolicyModel {
    /**
     * Forward pass, then one backward pass of Σ cotangent · log-probability; gradients add up until {@link #step}.
     *
     * @param temperature what the responses were sampled at
     */
    BatchOutcome forwardBackward(TokenBatch batch, double temperature, TrainableModel.Cotangent cotangent);

    /** Log-probabilities of the response tokens without gradient, [row][token]. */
    float[][] logProbabilities(TokenBatch batch, double temperature);

    /** Updates the weights and forgets the gradients. Returns their norm before clipping; nothing happens if not finite. */
    double step(AdamWSettings settings);

    /** The model as a policy. */
    static PolicyModel of(TrainableModel model) {
        return new PolicyModel() {
            @Override
            public BatchOutcome forwardBackward(
                    TokenBatch batch, double temperature, TrainableModel.Cotangent cotangent) {
                return model.forwardBackward(batch, temperature, cotangent);
            }

            @Override
            public float[][] logProbabilities(TokenBatch batch, double temperature) {
                return model.evaluate(batch, temperature).logProbabilities();
            }

            @Override
            public double step(AdamWSettings settings) {
                return model.step(settings);
            }
        };
    }
}
