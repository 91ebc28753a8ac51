package dev.respec.ops.paper.pipeline;

import dev.respec.ops.paper.findings.Claim;
import dev.respec.ops.paper.findings.Curve;
import dev.respec.ops.paper.findings.Plot;
import dev.respec.ops.paper.findings.Verdict;
import dev.respec.ops.paper.pipeline.ArmRuns.Outcome;
import dev.respec.ops.paper.statistics.Interval;
import dev.respec.ops.paper.statistics.Sample;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Compares arms by the tokens per second of generation that they served over whole runs. */
final class ServedSpeed {
    /** A lead that does not matter. */
    private static final double MARGIN = 0.02;

    private ServedSpeed() {}

    static Sample of(Outcome outcome, Arm arm) {
        return ArmCurves.sample(outcome.of(arm), RunMeasurements::tokensPerGenerationSecond);
    }

    /**
     * Whether none of the arms is faster than the one in use.
     *
     * @param used what is in use now, one of the arms
     */
    static Claim fastest(String statement, Outcome outcome, List<Arm> arms, Arm used) {
        Optional<String> lacking =
                outcome.lacking(RunMeasurements::tokensPerGenerationSecond, arms.toArray(Arm[]::new));
        List<Lead> leads = leads(outcome, arms, used);
        boolean behind = leads.stream().anyMatch(lead -> lead.interval().low() > 0);
        if (lacking.isPresent() && !behind) {
            return Claim.notMeasured(statement, "ours", lacking.get());
        }
        boolean noneLeads = leads.stream().allMatch(lead -> lead.interval().high() < Math.log1p(MARGIN));
        Verdict verdict = behind ? Verdict.DOES_NOT_HOLD : noneLeads ? Verdict.HOLDS : Verdict.UNDECIDED;
        return new Claim(statement, "ours", verdict, because(outcome, arms, used, leads));
    }

    /** Of another arm over the one in use, as a logarithm of the ratio of their speeds. */
    private record Lead(Arm arm, Interval interval) {
        /** {@code +1.2 % (90 % interval -0.3 % to +2.7 %)}. */
        String words() {
            return ArmCurves.words(perCent(interval.mean()), interval, ServedSpeed::perCent);
        }
    }

    private static List<Lead> leads(Outcome outcome, List<Arm> arms, Arm used) {
        Sample own = logarithm(outcome, used);
        return arms.stream()
                .filter(arm -> !arm.equals(used) && !outcome.of(arm).isEmpty())
                .map(arm -> new Lead(arm, logarithm(outcome, arm).minus(own, PipelineExperiment.CONFIDENCE)))
                .toList();
    }

    private static String because(Outcome outcome, List<Arm> arms, Arm used, List<Lead> leads) {
        String speeds = arms.stream()
                .filter(arm -> !outcome.of(arm).isEmpty())
                .map(arm -> arm.name() + " " + ArmCurves.text(of(outcome, arm), 0))
                .collect(Collectors.joining(", "));
        Lead first = leads.stream()
                .max(Comparator.comparingDouble(lead -> lead.interval().mean()))
                .orElseThrow();
        String best = first.interval().mean() > 0
                ? "The fastest is %s, by %s over %s, which is in use"
                        .formatted(first.arm().name(), first.words(), used.name())
                : "The fastest is %s, which is in use; the next is %s, by %s"
                        .formatted(used.name(), first.arm().name(), first.words());
        return "response tokens per second of generation over whole runs: " + speeds + ". " + best
                + ". The claim fails if the interval of another arm's lead lies above 0, and holds if none reaches 2 %.";
    }

    private static String perCent(double logarithm) {
        return String.format(Locale.ROOT, "%+.1f %%", 100 * Math.expm1(logarithm));
    }

    private static Sample logarithm(Outcome outcome, Arm arm) {
        return ArmCurves.sample(outcome.of(arm), run -> Math.log(run.tokensPerGenerationSecond()));
    }

    /** @param places names of the arms along the axis */
    static Plot plot(Outcome outcome, List<Arm> arms, String xLabel, List<String> places) {
        List<Double> x = new ArrayList<>();
        List<Double> means = new ArrayList<>();
        List<Double> spreads = new ArrayList<>();
        for (int i = 0; i < arms.size(); i++) {
            x.add((double) i);
            means.add(of(outcome, arms.get(i)).mean());
            spreads.add(of(outcome, arms.get(i)).deviation());
        }
        return new Plot(
                "Tokens per second of generation",
                xLabel,
                "Response tokens of a whole run over the seconds that its worker generated; mean and standard deviation over seeds.",
                Plot.Shape.BARS,
                places,
                List.of(new Curve("here", Curve.Origin.OURS, x, means, spreads)));
    }
}
