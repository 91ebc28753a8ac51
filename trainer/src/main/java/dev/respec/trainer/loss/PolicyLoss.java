package dev.respec.trainer.loss;

/**
 * Policy-gradient loss of one response and its gradient with respect to the current log-probabilities.
 *
 * <p>With r = exp(current − D), where D is the behaviour or the proximal policy as {@link ImportanceCorrection} says, a
 * token's loss is
 *
 * <pre>
 * GRPO   −min(r·A, clip(r, 1 − low, 1 + high)·A) · weight + β·k
 * GSPO   the same with s = exp(mean over the response of current − D) in place of r
 * CISPO  −stop(min(r, 1 + high))·A·current · weight + β·k
 * </pre>
 *
 * with k = exp(d) − d − 1, d = reference − current (the k3 estimator, optionally times r). Everything is closed-form, so
 * the tensor library only has to propagate Σ logp · gradient backwards. Sources: GRPO (arXiv 2402.03300), DAPO
 * (2503.14476), Dr. GRPO (2503.20783), decoupled PPO (2505.24298), GSPO (2507.18071), CISPO (2506.13585).
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
        var response = settings.objective() == Objective.GSPO ? response(row) : Response.NONE;
        var loss = 0.0;
        for (int token = 0; token < row.length(); token++) {
            gradient[token] = 0;
            if (row.counted(token)) {
                loss += token(row, token, advantage, weight, response, gradient, statistics);
            }
        }
        statistics.addLoss(loss);
        return loss;
    }

    private double token(
            TokenRow row,
            int token,
            double advantage,
            double weight,
            Response response,
            double[] gradient,
            LossStatistics statistics) {
        var current = row.current(token);
        var importance = importance(row, token);
        var ratio = Math.exp(logRatio(row, token));
        var correction = correction(importance);
        var term = switch (settings.objective()) {
            case GRPO -> clipped(ratio, advantage, correction, correction);
            case GSPO -> clipped(response.ratio(), advantage, correction, response.meanCorrection());
            case CISPO -> weighted(ratio, advantage * correction, current);
        };
        var loss = term.loss();
        var slope = term.slope();
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
        statistics.addToken(importance, term.clippedLow(), term.clippedHigh());
        return loss * weight;
    }

    /**
     * The clipped surrogate of a token.
     *
     * @param slopeCorrection what corrects the gradient: a response's ratio depends on each of its tokens alike, so a
     *     token's gradient carries the mean correction of all
     */
    private Term clipped(double ratio, double advantage, double correction, double slopeCorrection) {
        var low = 1 - settings.clipLow();
        var high = 1 + settings.clipHigh();
        var clipped = Math.max(low, Math.min(high, ratio));
        var passes = clipped == ratio || ratio * advantage < clipped * advantage;
        return new Term(
                -Math.min(ratio * advantage, clipped * advantage) * correction,
                passes ? -ratio * advantage * slopeCorrection : 0,
                ratio < low && advantage < 0,
                ratio > high && advantage > 0);
    }

    private Term weighted(double ratio, double advantage, double current) {
        var high = 1 + settings.clipHigh();
        var slope = -Math.min(ratio, high) * advantage;
        return new Term(slope * current, slope, false, ratio > high && advantage > 0);
    }

    private Response response(TokenRow row) {
        var tokens = 0;
        var logRatio = 0.0;
        var correction = 0.0;
        for (int token = 0; token < row.length(); token++) {
            if (row.counted(token)) {
                tokens++;
                logRatio += logRatio(row, token);
                correction += correction(importance(row, token));
            }
        }
        return tokens == 0 ? Response.NONE : new Response(Math.exp(logRatio / tokens), correction / tokens);
    }

    private double logRatio(TokenRow row, int token) {
        var denominator =
                settings.correction() == ImportanceCorrection.NONE ? row.behaviour(token) : row.proximal(token);
        return row.current(token) - denominator;
    }

    private double importance(TokenRow row, int token) {
        return Math.exp(row.proximal(token) - row.behaviour(token));
    }

    private double correction(double importance) {
        return settings.correction().weight(importance, settings.importanceCap());
    }

    /** What holds for all tokens of a response: its ratio, and the mean of its tokens' corrections. */
    private record Response(double ratio, double meanCorrection) {
        static final Response NONE = new Response(1, 1);
    }

    /** A token's loss, its derivative by the current log-probability, and on which side the ratio was clipped. */
    private record Term(double loss, double slope, boolean clippedLow, boolean clippedHigh) {}
}
