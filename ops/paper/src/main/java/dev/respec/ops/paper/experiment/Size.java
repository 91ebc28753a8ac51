package dev.respec.ops.paper.experiment;

import dev.respec.stage.config.ConfigException;
import java.time.Duration;

/**
 * How much is measured.
 *
 * @param steps training steps of each run
 * @param seeds runs of each arm, each with a seed of its own
 * @param evaluationPrompts held-out prompts
 * @param turns turns of each decoding setting
 * @param turn length of one
 * @param policy which policy decoding is measured with
 */
public record Size(int steps, int seeds, int evaluationPrompts, int turns, Duration turn, Policy policy) {
    /** The policy of decoding measurements. */
    public enum Policy {
        SHIPPED,
        /** The shipped one enlarged to about 80 million parameters. */
        GROWN
    }

    public Size {
        if (steps < 2 || seeds < 1 || evaluationPrompts < 1) {
            throw new ConfigException("--steps is %d, --seeds is %d, --prompts is %d: at least 2, 1 and 1"
                    .formatted(steps, seeds, evaluationPrompts));
        }
    }

    public static Size full() {
        return new Size(60, 3, 2048, 6, Duration.ofMillis(200), Policy.GROWN);
    }

    /** Enough to see that everything works, too little to decide most claims. */
    public static Size quick() {
        return new Size(4, 1, 256, 2, Duration.ofMillis(60), Policy.SHIPPED);
    }

    public Size withSteps(int newSteps) {
        return new Size(newSteps, seeds, evaluationPrompts, turns, turn, policy);
    }

    public Size withSeeds(int newSeeds) {
        return new Size(steps, newSeeds, evaluationPrompts, turns, turn, policy);
    }

    public Size withEvaluationPrompts(int newPrompts) {
        return new Size(steps, seeds, newPrompts, turns, turn, policy);
    }
}
