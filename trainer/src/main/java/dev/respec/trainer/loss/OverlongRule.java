package dev.respec.trainer.loss;

/** What happens to responses that reach the length limit. */
public sealed interface OverlongRule {
    /** The reward with which the response takes part. */
    double shape(double reward, int length);

    /** Whether the tokens of a response enter the loss. */
    boolean counts(boolean truncated);

    /** Truncated responses are treated like any other. */
    record Keep() implements OverlongRule {
        @Override
        public double shape(double reward, int length) {
            return reward;
        }

        @Override
        public boolean counts(boolean truncated) {
            return true;
        }
    }

    /** Tokens of truncated responses do not enter the loss; their reward still does into the group's mean. */
    record Mask() implements OverlongRule {
        @Override
        public double shape(double reward, int length) {
            return reward;
        }

        @Override
        public boolean counts(boolean truncated) {
            return !truncated;
        }
    }

    /**
     * The reward falls linearly over the last tokens before the limit (DAPO, arXiv 2503.14476, eq. 13, where the penalty
     * at the limit is 1).
     *
     * @param longest most tokens a response may have
     * @param span tokens before the limit over which the penalty grows from 0
     * @param penalty at the limit
     */
    record SoftPenalty(int longest, int span, double penalty) implements OverlongRule {
        public SoftPenalty {
            if (span < 1 || span > longest) {
                throw new IllegalArgumentException(
                        "the soft penalty's span must be between 1 and " + longest + ", got " + span);
            }
        }

        @Override
        public double shape(double reward, int length) {
            var excess = length - (longest - span);
            return excess <= 0 ? reward : reward - penalty * Math.min(1.0, excess / (double) span);
        }

        @Override
        public boolean counts(boolean truncated) {
            return true;
        }
    }
}
