package dev.respec.scorer.reward;

/**
 * A reward cannot be had: what should have given it is down, was stopped or gave something else. Says nothing about the
 * response, so that it is not a reward of 0; {@code reward.failure} decides what becomes of the rollout.
 */
public final class RewardUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message one line: which function, what happened, what to do */
    public RewardUnavailableException(String message) {
        super(message);
    }
}
