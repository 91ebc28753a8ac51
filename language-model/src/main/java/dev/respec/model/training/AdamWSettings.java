package dev.respec.model.training;

/**
 * AdamW with decoupled weight decay (Loshchilov and Hutter), on matrices only.
 *
 * @param gradientClip largest global norm; 0 clips nothing
 */
public record AdamWSettings(
        double learningRate, double beta1, double beta2, double epsilon, double weightDecay, double gradientClip) {
    public AdamWSettings {
        if (!(learningRate >= 0) || !(beta1 >= 0 && beta1 < 1) || !(beta2 >= 0 && beta2 < 1) || !(epsilon > 0)) {
            throw new IllegalArgumentException("AdamW needs learningRate >= 0, betas in [0, 1) and epsilon > 0, got "
                    + learningRate + ", " + beta1 + ", " + beta2 + ", " + epsilon);
        }
    }

    public AdamWSettings withLearningRate(double rate) {
        return new AdamWSettings(rate, beta1, beta2, epsilon, weightDecay, gradientClip);
    }
}
