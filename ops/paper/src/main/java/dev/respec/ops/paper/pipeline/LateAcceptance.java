package dev.respec.ops.paper.pipeline;

import dev.respec.ops.paper.findings.Claim;
import dev.respec.ops.paper.findings.Verdict;
import dev.respec.ops.paper.pipeline.ArmRuns.Outcome;
import dev.respec.ops.paper.statistics.Interval;
import dev.respec.ops.paper.statistics.Sample;
import java.util.Optional;

/** Acceptance length in the last third of a run. */
final class LateAcceptance {
    static final double THIRD = 1.0 / 3;

    private LateAcceptance() {}

    static double of(RunMeasurements run) {
        return run.acceptance(1 - THIRD, 1);
    }

    static Sample of(Outcome outcome, Arm arm) {
        return ArmCurves.sample(outcome.of(arm), LateAcceptance::of);
    }

    /** Whether an arm has a larger one than another. */
    static Claim isLonger(String statement, String source, Outcome outcome, Arm arm, Arm than) {
        Optional<String> lacking = outcome.lacking(LateAcceptance::of, arm, than);
        if (lacking.isPresent()) {
            return Claim.notMeasured(statement, source, lacking.get());
        }
        Interval difference = of(outcome, arm).minus(of(outcome, than), PipelineExperiment.CONFIDENCE);
        Verdict verdict = !difference.isKnown() || (difference.low() <= 0 && difference.high() > 0)
                ? Verdict.UNDECIDED
                : Verdict.of(difference.low() > 0);
        return new Claim(
                statement,
                source,
                verdict,
                "the acceptance length in the last third differs by " + ArmCurves.words(difference, 3)
                        + ". The claim holds if the interval lies above 0, and fails if it lies at or below 0.");
    }
}
