package dev.respec.stage.config;

/**
 * Draws prompts by the pass rate that they have had in the run.
 *
 * @param window groups of a prompt whose pass rates are averaged, the newest ones
 * @param sharpness exponent of the weight 4p(1 − p) of a prompt with pass rate p; 0 draws all alike
 * @param floor least weight; the greatest is 1
 */
public record CurriculumSection(boolean enabled, int window, double sharpness, double floor, Unseen unseen) {
    /** How prompts are drawn that have no pass rate yet. */
    public enum Unseen {
        /** Before all others, in the order of the data without a curriculum. */
        FIRST,
        /** With the weight of a pass rate of 0.5. */
        NEUTRAL
    }

    public CurriculumSection {
        InvalidValue.atLeast(1, "window", window);
        InvalidValue.notNegative("sharpness", sharpness);
        InvalidValue.require(floor > 0 && floor <= 1, "floor", floor, "a number above 0, up to 1");
    }
}
