package dev.respec.ops.paper.pipeline;

import dev.respec.ops.paper.findings.Claim;
import dev.respec.ops.paper.findings.Plot;
import dev.respec.ops.paper.findings.ValueTable;
import dev.respec.ops.paper.findings.Verdict;
import dev.respec.ops.paper.pipeline.ArmRuns.Outcome;
import dev.respec.ops.paper.statistics.Interval;
import dev.respec.ops.paper.statistics.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether speculation changes what is learnt: final pass@1 against plain decoding, with a test of equivalence. */
public final class RewardExperiment extends PipelineExperiment {
    /** Difference of pass@1 that would matter: two points. */
    private static final double MARGIN = 0.02;

    private final String name;
    private final String title;
    private final List<Arm> arms;
    private final String claimed;

    private RewardExperiment(ArmRuns runs, String name, String title, List<Arm> arms, String claimed) {
        super(runs);
        this.name = name;
        this.title = title;
        this.arms = arms;
        this.claimed = claimed;
    }

    /** Fig. 5 and 10: reward under frozen, unweighted and weighted drafters. */
    public static RewardExperiment drafters(ArmRuns runs) {
        return new RewardExperiment(
                runs,
                "fig5",
                "Fig. 5 and 10: reward over training, by drafter",
                List.of(
                        Arms.PLAIN,
                        Arms.FROZEN,
                        Arms.LOSSY,
                        Arms.UNIFORM,
                        Arms.REWARD,
                        Arms.ALGORITHM_1,
                        Arms.ADVANTAGE),
                "ReSpec, G3 and Fig. 5: low-quality rollouts pull drafter and run the wrong way");
    }

    /** Fig. 12: validation with and without speculation. */
    public static RewardExperiment validation(ArmRuns runs) {
        return new RewardExperiment(
                runs,
                "fig12",
                "Fig. 12: validation with and without speculation",
                List.of(Arms.PLAIN, Arms.ADAPTIVE),
                "ReSpec, Fig. 12: speculation preserves validation scores");
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String title() {
        return title;
    }

    @Override
    public List<Arm> arms() {
        return arms;
    }

    @Override
    List<Claim> claims(Outcome outcome) {
        Sample plain = finalPass(outcome, Arms.PLAIN);
        return arms.stream()
                .filter(arm -> !arm.equals(Arms.PLAIN))
                .map(arm -> arm.equals(Arms.LOSSY) ? lossy(outcome) : same(arm, outcome, plain))
                .toList();
    }

    private Claim same(Arm arm, Outcome outcome, Sample plain) {
        return outcome.lacking(RunMeasurements::passAfter, Arms.PLAIN, arm)
                .map(lacking -> Claim.notMeasured(statement(arm), claimed, lacking))
                .orElseGet(() -> equivalence(arm, finalPass(outcome, arm).minus(plain, CONFIDENCE)));
    }

    /** The same frozen drafter with a verifier that accepts too much, to see what the paper may have seen. */
    private static Claim lossy(Outcome outcome) {
        String statement = "With lossy verification, a frozen drafter lowers the reward of training";
        String source = "ours: an explanation of ReSpec's G3, which exact verification does not show";
        Optional<String> lacking = outcome.lacking(RunMeasurements::lateReward, Arms.FROZEN, Arms.LOSSY);
        if (lacking.isPresent()) {
            return Claim.notMeasured(statement, source, lacking.get());
        }
        Interval difference = lateReward(outcome, Arms.LOSSY).minus(lateReward(outcome, Arms.FROZEN), CONFIDENCE);
        Verdict verdict = !difference.isKnown() || (difference.low() < 0 && difference.high() >= 0)
                ? Verdict.UNDECIDED
                : Verdict.of(difference.high() < 0);
        return new Claim(
                statement,
                source,
                verdict,
                "the mean reward of the last third of the steps differs by " + ArmCurves.words(difference, 3)
                        + " from that of the same drafter with exact verification, and final held-out pass@1 by "
                        + ArmCurves.words(
                                finalPass(outcome, Arms.LOSSY).minus(finalPass(outcome, Arms.FROZEN), CONFIDENCE), 3)
                        + ". Its worker accepts a token with min(1, 2 p/q) instead of min(1, p/q)."
                        + " The claim holds if the first interval lies below 0, and fails if it lies at or above 0.");
    }

    private static Sample lateReward(Outcome outcome, Arm arm) {
        return ArmCurves.sample(outcome.of(arm), RunMeasurements::lateReward);
    }

    private Claim equivalence(Arm arm, Interval difference) {
        boolean apart = difference.isKnown() && (difference.low() > MARGIN || difference.high() < -MARGIN);
        Verdict verdict = difference.within(MARGIN) ? Verdict.HOLDS : apart ? Verdict.DOES_NOT_HOLD : Verdict.UNDECIDED;
        return new Claim(
                statement(arm),
                claimed,
                verdict,
                "final held-out pass@1 differs by " + ArmCurves.words(difference, 3)
                        + ". Two one-sided tests: equivalent if the interval lies within ±0.02, different if it lies outside.");
    }

    private static String statement(Arm arm) {
        return "Reward is the same with speculation (" + arm.name() + ") and without";
    }

    private static Sample finalPass(Outcome outcome, Arm arm) {
        return ArmCurves.sample(outcome.of(arm), RunMeasurements::passAfter);
    }

    @Override
    List<Plot> plots(Outcome outcome) {
        return List.of(new Plot(
                "Reward over training",
                "training step",
                "Mean reward of the rollouts that a step trained on; bands are one standard deviation over seeds.",
                Plot.Shape.LINES,
                List.of(),
                arms.stream()
                        .map(arm -> ArmCurves.overSteps(
                                arm.name(),
                                outcome.of(arm),
                                run -> run.steps().stream()
                                        .map(RunMeasurements.StepPoint::reward)
                                        .toList()))
                        .toList()));
    }

    @Override
    List<ValueTable> tables(Outcome outcome) {
        List<List<String>> rows = new ArrayList<>();
        Sample plain = finalPass(outcome, Arms.PLAIN);
        for (Arm arm : arms) {
            rows.add(List.of(
                    arm.name(),
                    Integer.toString(outcome.of(arm).size()),
                    ArmCurves.text(ArmCurves.sample(outcome.of(arm), RunMeasurements::passBefore), 3),
                    ArmCurves.text(finalPass(outcome, arm), 3),
                    ArmCurves.text(lateReward(outcome, arm), 3),
                    arm.equals(Arms.PLAIN)
                            ? "–"
                            : ArmCurves.text(finalPass(outcome, arm).minus(plain, CONFIDENCE), 3)));
        }
        return List.of(new ValueTable(
                "Held-out pass@1, sampled, mean ± standard deviation over seeds",
                List.of(
                        "arm",
                        "runs",
                        "before",
                        "after",
                        "reward of training, last third",
                        "after, against plain decoding"),
                rows));
    }
}
