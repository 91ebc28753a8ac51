package dev.respec.ops.paper.pipeline;

import dev.respec.ops.paper.experiment.Session;
import dev.respec.ops.paper.findings.Claim;
import dev.respec.ops.paper.findings.Curve;
import dev.respec.ops.paper.findings.Plot;
import dev.respec.ops.paper.findings.ValueTable;
import dev.respec.ops.paper.findings.Verdict;
import dev.respec.ops.paper.pipeline.ArmRuns.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Fig. 6: sequences generated at once over the generation of a step, with synchronous and asynchronous training. */
public final class ActiveSequencesExperiment extends PipelineExperiment {
    /** A tail is long if fewer than this share of the first fifth's sequences are at work in the last. */
    private static final double TAIL = 0.5;

    private static final double FIFTH = 0.2;

    public ActiveSequencesExperiment(ArmRuns runs) {
        super(runs);
    }

    @Override
    public String name() {
        return "fig6";
    }

    @Override
    public String title() {
        return "Fig. 6: active sequences over a step";
    }

    @Override
    public List<Arm> arms() {
        return List.of(Arms.staleness(0), Arms.LEARNER);
    }

    @Override
    Session limited(Session session) {
        return new Session(session.size().withSeeds(1), session.limit(), session.progress());
    }

    @Override
    List<Claim> claims(Outcome outcome) {
        String statement = "The active batch shrinks within a step of synchronous training";
        String source = "ReSpec, G1 and Fig. 6";
        Arm synchronous = Arms.staleness(0);
        return List.of(outcome.lacking(ActiveSequencesExperiment::tailShare, synchronous)
                .map(lacking -> Claim.notMeasured(statement, source, lacking))
                .orElseGet(() -> {
                    double share = ArmCurves.sample(outcome.of(synchronous), ActiveSequencesExperiment::tailShare)
                            .mean();
                    return new Claim(statement, source, Verdict.of(share < TAIL), because(share));
                }));
    }

    private static String because(double share) {
        return String.format(
                Locale.ROOT,
                "the last fifth of a step's generation has %.0f %% of the first fifth's active sequences. It counts as shrinking below %.0f %%.",
                100 * share,
                100 * TAIL);
    }

    private static double tailShare(RunMeasurements run) {
        return part(run, 1 - FIFTH, 1) / part(run, 0, FIFTH);
    }

    private static double part(RunMeasurements run, double from, double to) {
        List<Double> active = run.activeSequences();
        return active.subList((int) Math.round(from * active.size()), (int) Math.round(to * active.size())).stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElse(Double.NaN);
    }

    @Override
    List<Plot> plots(Outcome outcome) {
        return List.of(new Plot(
                "Active sequences over a step",
                "per cent of the time from the first start to the last end of a step's rollouts",
                "Sequences of the step that are generated at that moment, mean over the steps.",
                Plot.Shape.LINES,
                List.of(),
                arms().stream()
                        .filter(arm -> !outcome.of(arm).isEmpty())
                        .map(arm -> curve(arm, outcome.of(arm).get(0)))
                        .toList()));
    }

    private static Curve curve(Arm arm, RunMeasurements run) {
        List<Double> x = new ArrayList<>();
        for (int i = 0; i < run.activeSequences().size(); i++) {
            x.add(100 * (i + 0.5) / run.activeSequences().size());
        }
        return new Curve(arm.name(), Curve.Origin.OURS, x, run.activeSequences(), List.of());
    }

    @Override
    List<ValueTable> tables(Outcome outcome) {
        return List.of();
    }
}
