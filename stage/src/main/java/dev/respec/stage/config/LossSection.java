package dev.respec.stage.config;

/** The policy loss; every choice is independent of the others. */
public record LossSection(
        Objective objective,
        Aggregation aggregation,
        Advantage advantage,
        double clipLow,
        double clipHigh,
        double kl,
        Importance importance,
        Overlong overlong,
        boolean dropZeroVariance) {
    /** How ratios between policies enter the loss. */
    public enum Objective {
        GRPO,
        GSPO,
        CISPO
    }

    /** How token losses become one number: GRPO averages by sequence, DAPO by token, Dr. GRPO divides by a constant. */
    public enum Aggregation {
        SEQUENCE_MEAN,
        TOKEN_MEAN,
        CONSTANT
    }

    /** What the reward minus the group's mean is divided by. */
    public enum Advantage {
        GROUP,
        BATCH,
        NONE,
        LEAVE_ONE_OUT
    }

    public LossSection {
        InvalidValue.fraction("clip-low", clipLow);
        InvalidValue.notNegative("clip-high", clipHigh);
        InvalidValue.notNegative("kl", kl);
    }

    /** Correction for tokens sampled by another version than the one trained. */
    public record Importance(Importance.Mode mode, double cap) {
        public enum Mode {
            NONE,
            TIS,
            DECOUPLED_CLAMP,
            DECOUPLED_MASK
        }

        public Importance {
            InvalidValue.positive("cap", cap);
        }
    }

    /** What happens to rollouts cut off at the length limit. */
    public record Overlong(Overlong.Mode mode, int bufferTokens, double penalty) {
        public enum Mode {
            NONE,
            MASK,
            SOFT_PENALTY
        }

        public Overlong {
            InvalidValue.atLeast(1, "buffer-tokens", bufferTokens);
            InvalidValue.notNegative("penalty", penalty);
        }
    }
}
