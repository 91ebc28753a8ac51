package dev.respec.ops.paper.pipeline;

import dev.respec.ops.paper.findings.Claim;
import dev.respec.ops.paper.findings.Curve;
import dev.respec.ops.paper.findings.Plot;
import dev.respec.ops.paper.findings.ValueTable;
import dev.respec.ops.paper.pipeline.ArmRuns.Outcome;
import dev.respec.ops.paper.statistics.Sample;
import java.util.ArrayList;
import java.util.List;

/** Fig. 15: acceptance length and speed by the interval between two updates of the drafter. */
public final class IntervalExperiment extends PipelineExperiment {
    private static final Arm MOST_OFTEN = Arms.interval(1);
    private static final Arm LEAST_OFTEN = Arms.interval(30);

    /** The frozen drafter is the one that is never updated. */
    private static final List<Arm> ARMS =
            List.of(MOST_OFTEN, Arms.UNIFORM, Arms.interval(10), LEAST_OFTEN, Arms.FROZEN);

    private static final List<String> INTERVALS = List.of("1 s", "3 s", "10 s", "30 s", "never");

    public IntervalExperiment(ArmRuns runs) {
        super(runs);
    }

    @Override
    public String name() {
        return "fig15";
    }

    @Override
    public String title() {
        return "Fig. 15: interval between updates of the drafter";
    }

    @Override
    public List<Arm> arms() {
        return ARMS;
    }

    /** Two of its arms are those of Fig. 4. */
    @Override
    public int weight() {
        return ARMS.size() - 2;
    }

    @Override
    List<Claim> claims(Outcome outcome) {
        List<Arm> learning = ARMS.subList(0, ARMS.size() - 1);
        return List.of(
                oftenerIsBetter(outcome),
                ServedSpeed.fastest(
                        "The interval of all other experiments, 3 s, serves the most tokens per second",
                        outcome,
                        learning,
                        Arms.UNIFORM));
    }

    private static Claim oftenerIsBetter(Outcome outcome) {
        return LateAcceptance.isLonger(
                "A drafter that is updated more often has the longer acceptance length (1 s against 30 s)",
                "ReSpec, Fig. 15, which varies the interval; its values are not known to us",
                outcome,
                MOST_OFTEN,
                LEAST_OFTEN);
    }

    @Override
    List<Plot> plots(Outcome outcome) {
        return List.of(acceptance(outcome), ServedSpeed.plot(outcome, ARMS, "interval between two updates", INTERVALS));
    }

    private static Plot acceptance(Outcome outcome) {
        List<Double> places = new ArrayList<>();
        List<Double> means = new ArrayList<>();
        List<Double> spreads = new ArrayList<>();
        for (int i = 0; i < ARMS.size(); i++) {
            Sample sample = LateAcceptance.of(outcome, ARMS.get(i));
            places.add((double) i);
            means.add(sample.mean());
            spreads.add(sample.deviation());
        }
        return new Plot(
                "Acceptance length by interval",
                "interval between two updates",
                "Mean acceptance length in the last third of a run; the band is one standard deviation over seeds.",
                Plot.Shape.LINES,
                INTERVALS,
                List.of(new Curve("here", Curve.Origin.OURS, places, means, spreads)));
    }

    @Override
    List<ValueTable> tables(Outcome outcome) {
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < ARMS.size(); i++) {
            List<RunMeasurements> runs = outcome.of(ARMS.get(i));
            rows.add(List.of(
                    INTERVALS.get(i),
                    Integer.toString(runs.size()),
                    ArmCurves.text(ArmCurves.sample(runs, run -> (double) run.drafterVersions()), 0),
                    ArmCurves.text(LateAcceptance.of(outcome, ARMS.get(i)), 3),
                    ArmCurves.text(ServedSpeed.of(outcome, ARMS.get(i)), 0),
                    ArmCurves.text(ArmCurves.sample(runs, RunMeasurements::secondsPerStep), 2)));
        }
        return List.of(new ValueTable(
                "By interval, mean ± standard deviation over seeds",
                List.of(
                        "interval",
                        "runs",
                        "drafters published",
                        "acceptance length, last third",
                        "tokens/s of generation",
                        "seconds per step"),
                rows));
    }
}
