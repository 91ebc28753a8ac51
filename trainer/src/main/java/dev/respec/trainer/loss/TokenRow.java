package dev.respec.trainer.loss;

import org.jspecify.annotations.Nullable;

/**
 * Log-probabilities of one response under the policies a loss compares: one entry per token, all of one length.
 *
 * <p>The arrays are held, not copied.
 */
public final class TokenRow {
    private final double[] current;
    private final double[] behaviour;
    private final double[] proximal;
    private final double @Nullable [] reference;
    private final boolean @Nullable [] counted;

    private TokenRow(
            double[] current,
            double[] behaviour,
            double[] proximal,
            double @Nullable [] reference,
            boolean @Nullable [] counted) {
        this.current = current;
        this.behaviour = sameLength("behaviour", behaviour);
        this.proximal = sameLength("proximal", proximal);
        this.reference = reference == null ? null : sameLength("reference", reference);
        this.counted = counted;
        if (counted != null && counted.length != current.length) {
            throw mismatch("counted", counted.length);
        }
    }

    /**
     * A row whose proximal policy is the current one, as in the first update after sampling.
     *
     * @param current log-probabilities under the policy being trained
     * @param behaviour log-probabilities reported by the sampler
     */
    public static TokenRow of(double[] current, double[] behaviour) {
        return new TokenRow(current, behaviour, current, null, null);
    }

    /** This row with the log-probabilities of the policy at the start of the step. */
    public TokenRow withProximal(double[] logProbabilities) {
        return new TokenRow(current, behaviour, logProbabilities, reference, counted);
    }

    /** This row with the log-probabilities of the policy that divergence is measured from. */
    public TokenRow withReference(double[] logProbabilities) {
        return new TokenRow(current, behaviour, proximal, logProbabilities, counted);
    }

    /** This row with only the marked tokens entering the loss. */
    public TokenRow withCounted(boolean[] tokens) {
        return new TokenRow(current, behaviour, proximal, reference, tokens);
    }

    /** Number of tokens, counted or not. */
    public int length() {
        return current.length;
    }

    double current(int token) {
        return current[token];
    }

    double behaviour(int token) {
        return behaviour[token];
    }

    double proximal(int token) {
        return proximal[token];
    }

    double reference(int token) {
        if (reference == null) {
            throw new IllegalStateException("a divergence is asked for, but the row has no reference policy");
        }
        return reference[token];
    }

    boolean counted(int token) {
        return counted == null || counted[token];
    }

    private double[] sameLength(String name, double[] values) {
        if (values.length != current.length) {
            throw mismatch(name, values.length);
        }
        return values;
    }

    private IllegalArgumentException mismatch(String name, int length) {
        return new IllegalArgumentException(
                name + " has " + length + " tokens where the current policy has " + current.length);
    }
}
