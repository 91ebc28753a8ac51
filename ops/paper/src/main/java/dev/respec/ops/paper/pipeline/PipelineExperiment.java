package dev.respec.ops.paper.pipeline;

import dev.respec.ops.paper.experiment.Experiment;
import dev.respec.ops.paper.experiment.Session;
import dev.respec.ops.paper.findings.Claim;
import dev.respec.ops.paper.findings.Findings;
import dev.respec.ops.paper.findings.Plot;
import dev.respec.ops.paper.findings.ValueTable;
import dev.respec.ops.paper.pipeline.ArmRuns.Outcome;
import dev.respec.stage.config.RespecConfig;
import java.util.ArrayList;
import java.util.List;

/** An experiment whose findings follow from the runs of its arms. */
public abstract class PipelineExperiment implements Experiment {
    /** Confidence of every interval of these experiments. */
    static final double CONFIDENCE = 0.9;

    private final ArmRuns runs;

    PipelineExperiment(ArmRuns runs) {
        this.runs = runs;
    }

    /** The configuration that every arm changes. */
    RespecConfig base() {
        return runs.base();
    }

    /** What is compared. */
    public abstract List<Arm> arms();

    abstract List<Claim> claims(Outcome outcome);

    abstract List<Plot> plots(Outcome outcome);

    abstract List<ValueTable> tables(Outcome outcome);

    /** Its arms: each needs runs of its own. */
    @Override
    public int weight() {
        return arms().size();
    }

    @Override
    public Findings run(Session session) throws InterruptedException {
        Outcome outcome = runs.run(arms(), limited(session));
        List<String> failures = new ArrayList<>(outcome.failures());
        failures.addAll(Conditions.differences(
                outcome.byArm().values().stream().flatMap(List::stream).toList()));
        return new Findings(
                name(),
                title(),
                outcome.size(session.size().steps()),
                claims(outcome),
                outcome.isEmpty() ? List.of() : plots(outcome),
                outcome.isEmpty() ? List.of() : tables(outcome),
                failures);
    }

    /** Runs needed; some experiments need only one. */
    Session limited(Session session) {
        return session;
    }
}
