package dev.respec.ops.paper.pipeline;

import dev.respec.ops.paper.findings.Claim;
import dev.respec.ops.paper.findings.Curve;
import dev.respec.ops.paper.findings.Plot;
import dev.respec.ops.paper.findings.ValueTable;
import dev.respec.ops.paper.findings.Verdict;
import dev.respec.ops.paper.pipeline.ArmRuns.Outcome;
import dev.respec.ops.paper.statistics.Interval;
import dev.respec.ops.paper.statistics.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The paper's table of staleness: final pass@1 and step time when rollouts may be 0, 1, 3 or 5 versions old. */
public final class StalenessExperiment extends PipelineExperiment {
    private static final List<Integer> BOUNDS = List.of(0, 1, 3, 5);

    /** Validation score by bound, as {@link #BOUNDS}. */
    private static final Map<String, List<Double>> PUBLISHED = Map.of(
            "3B", List.of(0.50, 0.60, 0.50, 0.40),
            "7B", List.of(0.32, 0.42, 0.35, 0.30),
            "14B", List.of(0.60, 0.60, 0.50, 0.45));

    private static final List<String> SIZES = List.of("3B", "7B", "14B");

    public StalenessExperiment(ArmRuns runs) {
        super(runs);
    }

    @Override
    public String name() {
        return "staleness";
    }

    @Override
    public String title() {
        return "Table of staleness: synchronous training and 1, 3, 5 versions";
    }

    @Override
    public List<Arm> arms() {
        return BOUNDS.stream().map(Arms::staleness).toList();
    }

    @Override
    List<Claim> claims(Outcome outcome) {
        return List.of(
                worse(outcome, 5, "Staleness of 5 lowers the score below synchronous training"),
                worse(outcome, 3, "Staleness of 3 lowers the score below synchronous training"));
    }

    private static Claim worse(Outcome outcome, int bound, String statement) {
        String source = "ReSpec: 3B .50 to .40, 7B .32 to .30, 14B .60 to .45 at 5; .50, .35, .50 at 3";
        Optional<String> lacking =
                outcome.lacking(RunMeasurements::passAfter, Arms.staleness(0), Arms.staleness(bound));
        if (lacking.isPresent()) {
            return Claim.notMeasured(statement, source, lacking.get());
        }
        Interval difference = pass(outcome, bound).minus(pass(outcome, 0), PipelineExperiment.CONFIDENCE);
        Verdict verdict = !difference.isKnown() || (difference.low() < 0 && difference.high() >= 0)
                ? Verdict.UNDECIDED
                : Verdict.of(difference.high() < 0);
        return new Claim(
                statement,
                source,
                verdict,
                "final held-out pass@1 differs by " + ArmCurves.words(difference, 3)
                        + ". The claim holds if the interval lies below 0, and fails if it lies at or above 0.");
    }

    private static Sample pass(Outcome outcome, int bound) {
        return ArmCurves.sample(outcome.of(Arms.staleness(bound)), RunMeasurements::passAfter);
    }

    @Override
    List<Plot> plots(Outcome outcome) {
        List<Double> places = new ArrayList<>();
        List<Double> ours = new ArrayList<>();
        for (int i = 0; i < BOUNDS.size(); i++) {
            places.add((double) i);
            ours.add(pass(outcome, BOUNDS.get(i)).mean());
        }
        List<Curve> curves = new ArrayList<>(List.of(new Curve("here", Curve.Origin.OURS, places, ours, List.of())));
        SIZES.forEach(size -> curves.add(
                new Curve(size, Curve.Origin.PAPER, places, PUBLISHED.getOrDefault(size, List.of()), List.of())));
        return List.of(new Plot(
                "Validation score by staleness",
                "most versions behind",
                "Held-out pass@1 here, validation score in the paper: other models and data.",
                Plot.Shape.BARS,
                arms().stream().map(Arm::name).toList(),
                curves));
    }

    @Override
    List<ValueTable> tables(Outcome outcome) {
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < BOUNDS.size(); i++) {
            List<RunMeasurements> runs = outcome.of(Arms.staleness(BOUNDS.get(i)));
            List<String> row = new ArrayList<>(List.of(
                    Arms.staleness(BOUNDS.get(i)).name(),
                    Integer.toString(runs.size()),
                    ArmCurves.text(pass(outcome, BOUNDS.get(i)), 3),
                    ArmCurves.text(ArmCurves.sample(runs, RunMeasurements::secondsPerStep), 2)));
            for (String size : SIZES) {
                row.add("%.2f".formatted(PUBLISHED.getOrDefault(size, List.of()).get(i)));
            }
            rows.add(row);
        }
        return List.of(new ValueTable(
                "Pass@1 and step time by staleness, mean ± standard deviation over seeds",
                List.of("arm", "runs", "pass@1", "seconds per step", "paper, 3B", "paper, 7B", "paper, 14B"),
                rows));
    }
}
