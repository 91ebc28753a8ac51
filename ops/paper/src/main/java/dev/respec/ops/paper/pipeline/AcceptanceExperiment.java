package dev.respec.ops.paper.pipeline;

import dev.respec.ops.paper.findings.Claim;
import dev.respec.ops.paper.findings.Plot;
import dev.respec.ops.paper.findings.ValueTable;
import dev.respec.ops.paper.findings.Verdict;
import dev.respec.ops.paper.pipeline.ArmRuns.Outcome;
import dev.respec.ops.paper.statistics.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Fig. 4 and 10: acceptance length over training, by how the drafter learns. */
public final class AcceptanceExperiment extends PipelineExperiment {

    /** Relative change that counts as a decline. */
    private static final double DECLINE = 0.02;

    public AcceptanceExperiment(ArmRuns runs) {
        super(runs);
    }

    @Override
    public String name() {
        return "fig4";
    }

    @Override
    public String title() {
        return "Fig. 4 and 10: acceptance length over training";
    }

    @Override
    public List<Arm> arms() {
        return List.of(Arms.FROZEN, Arms.UNIFORM, Arms.REWARD, Arms.ALGORITHM_1, Arms.ADVANTAGE);
    }

    @Override
    List<Claim> claims(Outcome outcome) {
        List<Claim> claims = new ArrayList<>(List.of(
                stale(outcome),
                better(
                        "Online distillation keeps the acceptance length up (uniform weights against a frozen drafter)",
                        outcome,
                        Arms.UNIFORM,
                        Arms.FROZEN),
                better(
                        "Reward-weighted distillation (Algorithm 1) keeps it higher than uniform weights",
                        outcome,
                        Arms.ALGORITHM_1,
                        Arms.UNIFORM),
                fastest(outcome)));
        arms().forEach(arm -> claims.add(LowestAcceptance.claim(outcome, arm)));
        return claims;
    }

    private static Claim stale(Outcome outcome) {
        String statement = "A frozen drafter goes stale as the policy learns";
        String source = "ReSpec, G2 and Fig. 4: acceptance length falls over 100 steps";
        Optional<String> lacking = outcome.lacking(AcceptanceExperiment::change, Arms.FROZEN);
        if (lacking.isPresent()) {
            return Claim.notMeasured(statement, source, lacking.get());
        }
        Interval change = ArmCurves.sample(outcome.of(Arms.FROZEN), AcceptanceExperiment::change)
                .interval(CONFIDENCE);
        Verdict verdict = !change.isKnown() || (change.low() <= -DECLINE && change.high() >= -DECLINE)
                ? Verdict.UNDECIDED
                : Verdict.of(change.high() < -DECLINE);
        return new Claim(
                statement,
                source,
                verdict,
                "from the first to the last third of the run its acceptance length changed by this share of itself: "
                        + ArmCurves.words(change, 3)
                        + ". It is stale if the interval lies below -0.02, and not stale if it lies above.");
    }

    private static Claim better(String statement, Outcome outcome, Arm arm, Arm than) {
        return LateAcceptance.isLonger(statement, "ReSpec, Fig. 10", outcome, arm, than);
    }

    private Claim fastest(Outcome outcome) {
        String statement = "The learner's default (learner.weighting) serves the most tokens per second";
        return Arms.learnerOf(base())
                .map(used -> ServedSpeed.fastest(statement, outcome, Arms.learners(), used))
                .orElseGet(() -> Claim.notMeasured(
                        statement, "ours", "no arm has the learner.weighting and learner.update that are configured."));
    }

    private static double change(RunMeasurements run) {
        return LateAcceptance.of(run) / run.acceptance(0, LateAcceptance.THIRD) - 1;
    }

    @Override
    List<Plot> plots(Outcome outcome) {
        return List.of(
                new Plot(
                        "Acceptance length over training",
                        "training step",
                        "Mean acceptance length of one EAGLE-3 chain of 4: accepted tokens per draft, and one; bands are one standard deviation over seeds.",
                        Plot.Shape.LINES,
                        List.of(),
                        arms().stream()
                                .map(arm ->
                                        ArmCurves.overSteps(arm.name(), outcome.of(arm), RunMeasurements::acceptance))
                                .toList()),
                ServedSpeed.plot(
                        outcome, arms(), "arm", arms().stream().map(Arm::name).toList()));
    }

    @Override
    List<ValueTable> tables(Outcome outcome) {
        List<List<String>> rows = new ArrayList<>();
        for (Arm arm : arms()) {
            rows.add(List.of(
                    arm.name(),
                    Integer.toString(outcome.of(arm).size()),
                    ArmCurves.text(
                            ArmCurves.sample(outcome.of(arm), run -> run.acceptance(0, LateAcceptance.THIRD)), 3),
                    ArmCurves.text(LateAcceptance.of(outcome, arm), 3),
                    ArmCurves.text(ArmCurves.sample(outcome.of(arm), AcceptanceExperiment::change), 3),
                    ArmCurves.text(ArmCurves.sample(outcome.of(arm), run -> (double) run.drafterVersions()), 0),
                    LowestAcceptance.cell(outcome.of(arm)),
                    ArmCurves.text(ServedSpeed.of(outcome, arm), 0),
                    ArmCurves.text(ArmCurves.sample(outcome.of(arm), RunMeasurements::tokensPerStepSecond), 0)));
        }
        return List.of(new ValueTable(
                "Acceptance length by arm, mean ± standard deviation over seeds",
                List.of(
                        "arm",
                        "runs",
                        "first third",
                        "last third",
                        "relative change",
                        "drafters published",
                        "lowest, of the first (steps)",
                        "tokens/s of generation",
                        "tokens/s of a step"),
                rows));
    }
}
