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
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Fig. 13 and 14: the time of a training step and where it goes, one mechanism after the other. */
public final class StepTimeExperiment extends PipelineExperiment {
    private static final List<Arm> ARMS = List.of(Arms.PLAIN, Arms.FROZEN, Arms.ADAPTIVE, Arms.LEARNER);
    private static final List<String> PLACES = List.of("plain", "+ speculation", "+ adaptive", "+ learner");

    /** The paper's breakdown on 14B: there, speculation includes distillation, and overlap is a step of its own. */
    private static final List<String> PUBLISHED = List.of("1.00", "1.48", "1.66", "1.78 with overlap");

    public StepTimeExperiment(ArmRuns runs) {
        super(runs);
    }

    @Override
    public String name() {
        return "fig13";
    }

    @Override
    public String title() {
        return "Fig. 13 and 14: step time and its breakdown";
    }

    @Override
    public List<Arm> arms() {
        return ARMS;
    }

    @Override
    List<Claim> claims(Outcome outcome) {
        return List.of(
                faster("Speculation shortens a training step end to end", Arms.FROZEN, Arms.PLAIN, outcome),
                faster("Adaptive settings shorten it further", Arms.ADAPTIVE, Arms.FROZEN, outcome),
                faster("The whole system is faster end to end than plain decoding", Arms.LEARNER, Arms.PLAIN, outcome));
    }

    /** Compares logarithms of the step times, so that the interval is one of the speed-up. */
    private static Claim faster(String statement, Arm arm, Arm than, Outcome outcome) {
        String source = "ReSpec, 14B: 1.00, 1.48, 1.66, 1.78; average 1.5 to 1.84 times";
        Optional<String> lacking = outcome.lacking(RunMeasurements::secondsPerStep, than, arm);
        if (lacking.isPresent()) {
            return Claim.notMeasured(statement, source, lacking.get());
        }
        Interval gain = logarithm(outcome, than).minus(logarithm(outcome, arm), CONFIDENCE);
        Verdict verdict = !gain.isKnown() || (gain.low() <= 0 && gain.high() > 0)
                ? Verdict.UNDECIDED
                : Verdict.of(gain.low() > 0);
        return new Claim(
                statement,
                source,
                verdict,
                "step time of %s over that of %s: %s. The claim holds if the interval lies above 1, and fails if it lies below."
                        .formatted(
                                than.name(),
                                arm.name(),
                                ArmCurves.words(times(gain.mean()) + " times", gain, StepTimeExperiment::times)));
    }

    private static String times(double logarithm) {
        return String.format(Locale.ROOT, "%.2f", Math.exp(logarithm));
    }

    private static Sample logarithm(Outcome outcome, Arm arm) {
        return ArmCurves.sample(outcome.of(arm), run -> Math.log(run.secondsPerStep()));
    }

    @Override
    List<Plot> plots(Outcome outcome) {
        return List.of(new Plot(
                "Time that generation and training computed in a step",
                "mechanisms",
                "Seconds per training step; the two overlap, so a step takes less than their sum.",
                Plot.Shape.STACKED,
                PLACES,
                List.of(
                        bars("generation", outcome, RunMeasurements::generationSecondsPerStep),
                        bars("training", outcome, RunMeasurements::trainingSecondsPerStep))));
    }

    private static Curve bars(String name, Outcome outcome, ToDoubleFunction<RunMeasurements> value) {
        List<Double> places = new ArrayList<>();
        List<Double> means = new ArrayList<>();
        for (int i = 0; i < ARMS.size(); i++) {
            places.add((double) i);
            means.add(ArmCurves.sample(outcome.of(ARMS.get(i)), value).mean());
        }
        return new Curve(name, Curve.Origin.OURS, places, means, List.of());
    }

    @Override
    List<ValueTable> tables(Outcome outcome) {
        double plain = ArmCurves.sample(outcome.of(Arms.PLAIN), RunMeasurements::secondsPerStep)
                .mean();
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < ARMS.size(); i++) {
            List<RunMeasurements> runs = outcome.of(ARMS.get(i));
            Sample seconds = ArmCurves.sample(runs, RunMeasurements::secondsPerStep);
            rows.add(List.of(
                    PLACES.get(i),
                    Integer.toString(runs.size()),
                    ArmCurves.text(seconds, 2),
                    Double.isNaN(plain / seconds.mean())
                            ? "not measured"
                            : String.format(Locale.ROOT, "%.2f", plain / seconds.mean()),
                    ArmCurves.text(ArmCurves.sample(runs, RunMeasurements::generationSecondsPerStep), 2),
                    ArmCurves.text(ArmCurves.sample(runs, RunMeasurements::trainingSecondsPerStep), 2),
                    ArmCurves.text(ArmCurves.sample(runs, RunMeasurements::gain), 2),
                    PUBLISHED.get(i)));
        }
        return List.of(new ValueTable(
                "A training step, mean ± standard deviation over seeds",
                List.of(
                        "arm",
                        "runs",
                        "seconds",
                        "speed-up",
                        "generation, s",
                        "training, s",
                        "gain of generation, in turns",
                        "paper, 14B"),
                rows));
    }
}
