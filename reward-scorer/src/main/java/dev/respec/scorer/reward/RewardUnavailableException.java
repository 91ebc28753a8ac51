package dev.respec.scorer.reward;

/**
 * A reward cannot be obtained: its source is down, was stopped or answered with something else. This says nothing about
 * the response, so it is not a reward of 0; {@code reward.failure} decides what becomes of the rollout.
 */
public final class RewardUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message one line: which function, what happened, what to do */
    public RewardUnavailableException(String message) {
        super(message);
    }
}
