package dev.respec.model.sampling;

/**
 * Decides how far the chains of a batch are drafted.
 *
 * <p>INVARIANT: it is asked before the tokens of a position are drawn and knows the distributions they will be drawn from,
 * never the tokens. Whether a position is drafted is then independent of what would be drafted there, and verification
 * stays lossless.
 */
@FunctionalInterface
public interface ChainLimit {
    /** Every chain has its full length. */
    ChainLimit NONE = (position, confidences, goesOn) -> true;

    /**
     * @param position of the tokens about to be drawn, from 0
     * @param confidences by sequence: the largest probability of its distribution at this position; holds only for
     *     sequences that go on
     * @param goesOn by sequence; cleared for those whose chain ends before this position
     * @return whether the position after this one is worth drafting at all
     */
    boolean choose(int position, double[] confidences, boolean[] goesOn);
}
