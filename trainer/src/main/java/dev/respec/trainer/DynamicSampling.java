package dev.respec.trainer;

import dev.respec.trainer.assembly.ScoredGroup;
import java.util.function.Predicate;

/**
 * Decides which groups a step sets aside (DAPO, arXiv 2503.14476): those that teach nothing, so that further prompts
 * are asked in their place.
 *
 * @param teaches whether a complete group can change the weights
 * @param mostSetAside groups that a step sets aside before it reaches its limit
 * @param atLimit what it does then
 */
record DynamicSampling(Predicate<ScoredGroup> teaches, int mostSetAside, AtLimit atLimit) {
    /** Nothing is set aside. */
    static final DynamicSampling OFF = new DynamicSampling(group -> true, 0, AtLimit.TRAIN);

    /** What a step does once it has set aside as many groups as it may. */
    enum AtLimit {
        /** It takes every group from then on. */
        TRAIN("the step takes groups as they come and trains on those whose rewards differ"),
        /** It goes on setting groups aside. */
        CARRY_ON("the step goes on asking further prompts");

        private final String text;

        AtLimit(String text) {
            this.text = text;
        }

        /** In words, for logs. */
        String text() {
            return text;
        }
    }

    /** Whether the step looks at groups at all before it takes them. */
    boolean enabled() {
        return mostSetAside > 0;
    }
}
