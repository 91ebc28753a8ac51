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
import java.util.Locale;
import java.util.stream.Collectors;

/** Fig. 4 and 10: acceptance length over training, by how the drafter learns. */
public final class AcceptanceExperiment extends PipelineExperiment {
    private static final double PART = 1.0 / 3;

    /** Relative change that counts as a decline. */
    private static final double DECLINE = 0.02;

    private static final double KEPT = 0.95;
    private static final int FIFTHS = 5;

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
        Sample frozen = change(outcome, Arms.FROZEN);
        return List.of(
                stale(frozen.interval(CONFIDENCE)),
                better(
                        "Online distillation keeps the acceptance length up (uniform weights against a frozen drafter)",
                        late(outcome, Arms.UNIFORM).minus(late(outcome, Arms.FROZEN), CONFIDENCE)),
                better(
                        "Reward-weighted distillation (Algorithm 1) keeps it higher than uniform weights",
                        late(outcome, Arms.ALGORITHM_1).minus(late(outcome, Arms.UNIFORM), CONFIDENCE)),
                kept(outcome.of(Arms.UNIFORM)),
                fastest(outcome));
    }

    private static Claim stale(Interval change) {
        Verdict verdict = !change.isKnown() || (change.low() <= -DECLINE && change.high() >= -DECLINE)
                ? Verdict.UNDECIDED
                : Verdict.of(change.high() < -DECLINE);
        return new Claim(
                "A frozen drafter goes stale as the policy learns",
                "ReSpec, G2 and Fig. 4: acceptance length falls over 100 steps",
                verdict,
                "its acceptance length changed by a share of " + ArmCurves.text(change, 3)
                        + " from the first to the last third of the run (90 % interval over seeds). It is stale if the interval lies below -0.02, and not stale if it lies above.");
    }

    private static Claim better(String statement, Interval difference) {
        Verdict verdict = !difference.isKnown() || (difference.low() <= 0 && difference.high() > 0)
                ? Verdict.UNDECIDED
                : Verdict.of(difference.low() > 0);
        return new Claim(
                statement,
                "ReSpec, Fig. 10",
                verdict,
                "difference of the acceptance length in the last third " + ArmCurves.text(difference, 3)
                        + " (90 % interval, Welch). The claim holds if the interval lies above 0, and fails if it lies at or below 0.");
    }

    private static Claim kept(List<RunMeasurements> runs) {
        double lowest = runs.stream()
                .mapToDouble(AcceptanceExperiment::lowestShare)
                .filter(Double::isFinite)
                .min()
                .orElse(Double.NaN);
        return new Claim(
                "With the learner, the acceptance length stays at 95 % of its first value or above",
                "ours",
                Double.isNaN(lowest) ? Verdict.UNDECIDED : Verdict.of(lowest >= KEPT),
                Double.isNaN(lowest)
                        ? "too few drafts were counted."
                        : String.format(
                                Locale.ROOT,
                                "the lowest fifth of any run with uniform weights has %.0f %% of the run's first fifth.",
                                100 * lowest));
    }

    private static double lowestShare(RunMeasurements run) {
        double first = run.acceptance(0, 1.0 / FIFTHS);
        double lowest = Double.NaN;
        for (int part = 1; part < FIFTHS; part++) {
            double share = run.acceptance((double) part / FIFTHS, (part + 1.0) / FIFTHS) / first;
            lowest = Double.isNaN(share) || lowest < share ? lowest : share;
        }
        return lowest;
    }

    private Claim fastest(Outcome outcome) {
        List<Interval> leads = arms().stream()
                .filter(arm -> !arm.equals(Arms.UNIFORM))
                .map(arm -> speed(outcome, arm).minus(speed(outcome, Arms.UNIFORM), CONFIDENCE))
                .toList();
        boolean behind = leads.stream().anyMatch(lead -> lead.low() > 0);
        boolean ahead = leads.stream().allMatch(lead -> lead.high() < 0);
        String speeds = arms().stream()
                .map(arm -> arm.name() + " " + ArmCurves.text(speed(outcome, arm), 0))
                .collect(Collectors.joining(", "));
        return new Claim(
                "The learner's default, uniform weights, serves the most tokens per second",
                "ours",
                behind ? Verdict.DOES_NOT_HOLD : ahead ? Verdict.HOLDS : Verdict.UNDECIDED,
                "tokens per second of a step: " + speeds
                        + ". The claim fails if the 90 % interval of another arm's lead lies above 0, and holds if all of them lie below.");
    }

    private static Sample late(Outcome outcome, Arm arm) {
        return ArmCurves.sample(outcome.of(arm), run -> run.acceptance(1 - PART, 1));
    }

    private static Sample change(Outcome outcome, Arm arm) {
        return ArmCurves.sample(outcome.of(arm), run -> run.acceptance(1 - PART, 1) / run.acceptance(0, PART) - 1);
    }

    /** Tokens of a step by its time; the first step includes the start and is left out. */
    private static Sample speed(Outcome outcome, Arm arm) {
        return ArmCurves.sample(
                outcome.of(arm),
                run -> (double) run.generatedTokens() / run.steps().size() / run.secondsPerStep());
    }

    @Override
    List<Plot> plots(Outcome outcome) {
        return List.of(new Plot(
                "Acceptance length over training",
                "training step",
                "Tokens emitted per verify step of one EAGLE-3 chain of 4; bands are one standard deviation over seeds.",
                Plot.Shape.LINES,
                List.of(),
                arms().stream()
                        .map(arm -> ArmCurves.overSteps(arm.name(), outcome.of(arm), RunMeasurements::acceptance))
                        .toList()));
    }

    @Override
    List<ValueTable> tables(Outcome outcome) {
        List<List<String>> rows = new ArrayList<>();
        for (Arm arm : arms()) {
            rows.add(List.of(
                    arm.name(),
                    Integer.toString(outcome.of(arm).size()),
                    ArmCurves.text(ArmCurves.sample(outcome.of(arm), run -> run.acceptance(0, PART)), 3),
                    ArmCurves.text(late(outcome, arm), 3),
                    ArmCurves.text(change(outcome, arm), 3),
                    ArmCurves.text(ArmCurves.sample(outcome.of(arm), run -> (double) run.drafterVersions()), 0),
                    ArmCurves.text(speed(outcome, arm), 0)));
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
                        "tokens/s"),
                rows));
    }
}
