package dev.respec.ops;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.ops.audit.RunAudit;
import dev.respec.ops.audit.RunReader;
import dev.respec.ops.audit.RunRecords;
import dev.respec.ops.cluster.Installation;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.cluster.RunAccess.OpenRun;
import dev.respec.ops.cluster.RunFile;
import dev.respec.ops.report.Machine;
import dev.respec.ops.report.RunSummary;
import dev.respec.ops.report.Summaries;
import dev.respec.schemas.WeightRole;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A run as its topics show it, with what it left in its data folder. */
record RunFromTopics(RunRecords records, RespecConfig config, RunSummary summary) {

    /** What the topics hold, and the configuration that led to them. */
    private record Found(RunRecords records, RespecConfig config) {}

    static RunFromTopics read(RunAccess access) throws InterruptedException, IOException {
        Found found = access.read(RunFromTopics::read);
        RespecConfig config = configOf(access, found);
        return new RunFromTopics(found.records(), config, summarise(access, found.records(), config));
    }

    private static Found read(OpenRun run) {
        return new Found(new RunReader(run.events(), run.runId()).read(), run.config());
    }

    /** The run's own configuration, unless a build with other keys has written it. */
    private static RespecConfig configOf(RunAccess access, Found found) {
        try {
            return access.recordedConfig().orElse(found.config());
        } catch (ConfigException ofAnotherBuild) {
            return found.config();
        }
    }

    /** What only the run itself could measure is taken from the summary it left, if it is of this run. */
    private static RunSummary summarise(RunAccess access, RunRecords records, RespecConfig config) throws IOException {
        Path file = access.folder().summary();
        Optional<RunFile> local = access.localRun();
        boolean over = local.map(run -> run.status() == RunFile.Status.FINISHED)
                .orElseGet(() -> hasAllSteps(records, config.run().steps()));
        Optional<RunSummary> left = Files.exists(file)
                ? Optional.of(new ObjectMapper().readValue(file.toFile(), RunSummary.class))
                        .filter(summary -> summary.runId().equals(records.runId()))
                : Optional.empty();
        double span = RunSpan.seconds(records);
        long seed = local.map(RunFile::seed).orElse(config.run().seed());
        Machine here = local.isPresent() && !over ? Machine.of(Installation.current()) : null;
        var measured = new Summaries.Measured(
                seed,
                left.map(RunSummary::wallSeconds).orElse(span),
                left.map(RunSummary::trainingSeconds).orElse(span),
                left.map(RunSummary::firstRolloutSeconds).orElse(null),
                left.map(RunSummary::evaluation).orElse(null),
                left.map(RunSummary::throughput).orElse(null),
                left.map(RunSummary::machine).orElse(here),
                !over);
        long bound = config.trainer().maxStaleness();
        return new Summaries(records, over ? RunAudit.audit(records, bound) : RunAudit.auditSoFar(records, bound))
                .summarise(measured);
    }

    /** Of a run on a cluster nothing but its steps says that it is over. */
    private static boolean hasAllSteps(RunRecords records, int steps) {
        return steps > 0 && records.steps(WeightRole.POLICY).stream().anyMatch(step -> step.getStep() >= steps);
    }
}
