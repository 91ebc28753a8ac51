package dev.respec.learner;

import dev.respec.learner.distillation.Distiller;

/**
 * Whether a candidate replaces the drafter in force: on held-out rollouts under the current policy its expected
 * acceptance length must not be lower. After several refusals in a row the candidate is given up.
 */
final class PublicationGate {
    /** Rounds a candidate may stay behind before training starts again from the drafter in force. */
    private static final int PATIENCE = 4;

    private long rejected;
    private int rejectedInARow;

    PublicationGate(long rejected, int rejectedInARow) {
        this.rejected = rejected;
        this.rejectedInARow = rejectedInARow;
    }

    enum Verdict {
        PUBLISH,
        /** Training changed no parameter: publishing would hand out the weights that are in force. */
        UNCHANGED,
        KEEP_TRAINING,
        START_OVER
    }

    /** What becomes of a candidate after a comparison. */
    Verdict judge(Distiller distiller, Distiller.Comparison comparison) {
        var verdict = judge(
                comparison.candidate().acceptanceLength(), comparison.current().acceptanceLength());
        return verdict == Verdict.PUBLISH && !distiller.isCandidateChanged() ? Verdict.UNCHANGED : verdict;
    }

    /**
     * Both expected acceptance lengths come from the same rollouts; not a number if there were none.
     *
     * @param current of the drafter in force
     */
    Verdict judge(double candidate, double current) {
        if (candidate >= current) {
            rejectedInARow = 0;
            return Verdict.PUBLISH;
        }
        rejected++;
        rejectedInARow++;
        if (rejectedInARow < PATIENCE) {
            return Verdict.KEEP_TRAINING;
        }
        rejectedInARow = 0;
        return Verdict.START_OVER;
    }

    long rejected() {
        return rejected;
    }

    int rejectedInARow() {
        return rejectedInARow;
    }
}
