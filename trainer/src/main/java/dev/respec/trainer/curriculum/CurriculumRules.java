package dev.respec.trainer.curriculum;

/**
 * How prompts are drawn by their pass rates.
 *
 * @param window groups of a prompt whose pass rates are averaged, the newest ones
 * @param sharpness exponent of a prompt's weight; 0 draws all alike
 * @param floor least weight; the greatest is 1
 * @param unseen how prompts are drawn that were never asked
 * @param seed draws derive from it and the position alone
 */
public record CurriculumRules(int window, double sharpness, double floor, Unseen unseen, long seed) {
    /** How prompts are drawn that were never asked. */
    public enum Unseen {
        /** Before all others, in the order of the data. */
        FIRST,
        /** With the weight of a pass rate of 0.5. */
        NEUTRAL
    }

    public CurriculumRules {
        if (window < 1 || sharpness < 0 || !(floor > 0 && floor <= 1)) {
            throw new IllegalArgumentException(
                    "a curriculum needs a window, a sharpness of 0 or more, a floor in (0, 1]");
        }
    }

    /**
     * The weight of a prompt with this pass rate: max(floor, (4p(1 − p))^sharpness). p(1 − p) is the variance of one
     * answer's reward, and with it the expected squared advantage of its group.
     */
    public double weight(double passRate) {
        return Math.max(floor, Math.pow(4 * passRate * (1 - passRate), sharpness));
    }
}
