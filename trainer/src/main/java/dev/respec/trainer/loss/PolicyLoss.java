package dev.respec.trainer.loss;

/**
 * Clipped policy-gradient loss of one response and its gradient with respect to the current log-probabilities.
 *
 * <p>With r = exp(current − D), where D is the behaviour or the proximal policy as {@link ImportanceCorrection} says, a
 * token's loss is
 *
 * <pre>−min(r·A, clip(r, 1 − low, 1 + high)·A) · weight + β·k,   k = exp(d) − d − 1,   d = reference − current</pre>
 *
 * (the k3 estimator, optionally times r). Everything is closed-form, so the tensor library only has to propagate
 * Σ logp · gradient backwards. Sources: GRPO (arXiv 2402.03300), DAPO (2503.14476), Dr. GRPO (2503.20783), decoupled
 * PPO (2505.24298).
 */
public final class PolicyLoss {
    private final LossSettings settings;

    public PolicyLoss(LossSettings settings) {
        this.settings = settings;
    }

    /**
     * Adds one row to the statistics and writes its gradient.
     *
     * @param row the response's log-probabilities
     * @param advantage advantage of every token of the response
     * @param weight the row's factor from {@link Reduction#rowWeights}
     * @param gradient receives d loss / d current, zero at tokens that do not count
     * @param statistics receives what the row contributes
     * @return the row's share of the loss
     */
    public double apply(TokenRow row, double advantage, double weight, double[] gradient, LossStatistics statistics) {
        var loss = 0.0;
        for (int token = 0; token < row.length(); token++) {
            gradient[token] = 0;
            if (row.counted(token)) {
                loss += token(row, token, advantage, weight, gradient, statistics);
            }
        }
        statistics.addLoss(loss);
        return loss;
    }

    private double token(
            TokenRow row, int token, double advantage, double weight, double[] gradient, LossStatistics statistics) {
        var current = row.current(token);
        var importance = Math.exp(row.proximal(token) - row.behaviour(token));
        var denominator =
                settings.correction() == ImportanceCorrection.NONE ? row.behaviour(token) : row.proximal(token);
        var ratio = Math.exp(current - denominator);
        var low = 1 - settings.clipLow();
        var high = 1 + settings.clipHigh();
        var clipped = Math.max(low, Math.min(high, ratio));

        var correction = settings.correction().weight(importance, settings.importanceCap());
        var loss = -Math.min(ratio * advantage, clipped * advantage) * correction;
        var passes = clipped == ratio || ratio * advantage < clipped * advantage;
        var slope = passes ? -ratio * advantage * correction : 0;

        if (settings.needsReference()) {
            var difference = row.reference(token) - current;
            var exponential = Math.exp(difference);
            var divergence = exponential - difference - 1;
            var divergenceSlope = 1 - exponential;
            loss += settings.klCoefficient() * divergence;
            slope += settings.klCoefficient() * divergenceSlope;
            statistics.addReferenceDivergence(divergence);
        }
        gradient[token] = slope * weight;
        statistics.addToken(importance, ratio < low && advantage < 0, ratio > high && advantage > 0);
        return loss * weight;
    }
}
