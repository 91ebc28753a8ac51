package dev.respec.trainer.update;

/**
 * One rollout as the update sees it. Arrays are held, not copied, and not changed.
 *
 * <p>A row whose tokens do not count takes part in the divisors of the loss, but not in its gradient.
 */
public final class TrainingRow {
    private final int[] promptTokens;
    private final int[] responseTokens;
    private final double[] behaviour;
    private final double temperature;
    private final double advantage;
    private final boolean counted;

    /**
     * A row.
     *
     * @param behaviour log-probability of each response token as reported by the sampler
     * @param temperature what the response was sampled at
     * @param counted whether the response's tokens enter the loss
     */
    public TrainingRow(
            int[] promptTokens,
            int[] responseTokens,
            double[] behaviour,
            double temperature,
            double advantage,
            boolean counted) {
        if (promptTokens.length == 0 || responseTokens.length == 0) {
            throw new IllegalArgumentException("a row needs prompt and response tokens");
        }
        if (behaviour.length != responseTokens.length) {
            throw new IllegalArgumentException(
                    behaviour.length + " log-probabilities for " + responseTokens.length + " response tokens");
        }
        if (!(temperature > 0)) {
            throw new IllegalArgumentException("a row sampled at temperature " + temperature + " cannot be trained on");
        }
        this.promptTokens = promptTokens;
        this.responseTokens = responseTokens;
        this.behaviour = behaviour;
        this.temperature = temperature;
        this.advantage = advantage;
        this.counted = counted;
    }

    int[] promptTokens() {
        return promptTokens;
    }

    int[] responseTokens() {
        return responseTokens;
    }

    double[] behaviour() {
        return behaviour;
    }

    double temperature() {
        return temperature;
    }

    /** Advantage of every token of the response. */
    public double advantage() {
        return advantage;
    }

    /** Whether the response's tokens enter the loss. */
    public boolean counted() {
        return counted;
    }

    /** Tokens that enter the loss. */
    public int countedTokens() {
        return counted ? responseTokens.length : 0;
    }

    int length() {
        return promptTokens.length + responseTokens.length;
    }
}
