package dev.respec.scorer.reward;

/** Reward functions cannot be loaded; the message names the jar or class and what to do. Stops the stage at start-up. */
public final class RewardFunctionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RewardFunctionException(String message) {
        super(message);
    }

    public RewardFunctionException(String message, Throwable cause) {
        super(message, cause);
    }
}
