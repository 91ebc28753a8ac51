package dev.respec.controller;

/**
 * What trials at one range of batches may cost, in milliseconds of generation: a share of the time spent there, and an advance
 * on it so that the first evidence comes soon.
 *
 * <p>INVARIANT: trials are begun only if what they are expected to lose is covered.
 */
final class TrialBudget {
    /** Advance, so that the first evidence comes soon: time, or steps if those are slow. */
    private static final double ADVANCE_MILLIS = 500;

    private static final double ADVANCE_STEPS = 20;

    /** Share of the first time that the advance may be: one for a range that hardly occurs is small. */
    private static final double ADVANCE_SHARE = 0.15;

    /**
     * Share of the budget, and of the advance, that pays for comparisons with plain decoding, whatever they promise: a run
     * reports its gain by them, and a setting that was chosen by luck at the start is found out.
     */
    private static final double AUDIT_SHARE = 0.25;

    private final double share;
    private double advanced;
    private double left;
    private double audit;

    /** @param share of the time that may be lost */
    TrialBudget(double share) {
        this.share = share;
    }

    /** Steps have run. */
    void passed(double milliseconds, double stepMillis) {
        double most = Math.max(ADVANCE_MILLIS, ADVANCE_STEPS * stepMillis);
        double advance = share == 0 ? 0 : Math.max(0, Math.min(most - advanced, ADVANCE_SHARE * milliseconds));
        advanced += advance;
        double earned = advance + share * milliseconds;
        left += (1 - AUDIT_SHARE) * earned;
        audit += AUDIT_SHARE * earned;
    }

    /** Steps of a rival have lost so much. */
    void lost(double milliseconds) {
        left -= milliseconds;
    }

    /** What may still be lost. */
    double left() {
        return left;
    }

    /** Whether a comparison with plain decoding is due that is expected to lose so much. */
    boolean auditIsDue(double loss) {
        return share > 0 && audit >= loss;
    }

    /** One begins: it is paid for out of its own part of the budget. */
    void audit(double loss) {
        audit -= loss;
        left += loss;
    }
}
