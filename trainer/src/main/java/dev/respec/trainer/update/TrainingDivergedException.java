package dev.respec.trainer.update;

/** The gradient is not finite; the weights were not changed, and going on would not help. */
public final class TrainingDivergedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TrainingDivergedException(String message) {
        super(message);
    }
}
