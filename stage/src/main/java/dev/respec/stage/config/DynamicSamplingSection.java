package dev.respec.stage.config;

/**
 * Groups whose rewards are all equal are set aside, and further prompts asked in their place (DAPO, arXiv 2503.14476).
 *
 * @param limit most prompts of a step, set aside or used, as a multiple of those that it uses
 */
public record DynamicSamplingSection(boolean enabled, int limit, AtLimit atLimit) {
    /** What a step does that has reached the limit without its full count of groups. */
    public enum AtLimit {
        /** It takes the next groups whatever their rewards are, and trains on those that teach something. */
        TRAIN,
        /** It goes on setting groups aside. */
        CARRY_ON
    }

    public DynamicSamplingSection {
        InvalidValue.atLeast(2, "limit", limit);
    }
}
