package dev.respec.scorer.reward;

import java.util.Map;

/**
 * A finite reward and the named parts it was made of.
 *
 * @param parts for people and dashboards; training uses {@code value} alone
 */
public record Reward(double value, Map<String, Double> parts) {
    public Reward {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("reward is %s, expected a finite number".formatted(value));
        }
        parts = Map.copyOf(parts);
    }

    public static Reward of(double value) {
        return new Reward(value, Map.of());
    }

    /** 1 if {@code correct}, else 0. */
    public static Reward verdict(boolean correct) {
        return of(correct ? 1.0 : 0.0);
    }
}
