package dev.respec.ops;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.respec.ops.audit.RunAudit;
import dev.respec.ops.audit.RunReader;
import dev.respec.ops.audit.RunRecords;
import dev.respec.ops.cluster.Installation;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.cluster.RunAccess.OpenRun;
import dev.respec.ops.cluster.RunFile;
import dev.respec.ops.report.ConfigDifferences;
import dev.respec.ops.report.HtmlReport;
import dev.respec.ops.report.Machine;
import dev.respec.ops.report.RunSummary;
import dev.respec.ops.report.Summaries;
import dev.respec.ops.report.SummaryText;
import dev.respec.schemas.WeightRole;
import dev.respec.stage.ExitCode;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes a run's summary and report again from its topics. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Reads a run's topics and writes its summary, its proof and its HTML report.")
final class ReportCommand implements Callable<Integer> {
    @Mixin
    private final ConfigurationOptions configuration = new ConfigurationOptions();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where the page goes (default: report.html in the data folder); - for standard output.")
    private @Nullable Path output;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Also writes the summary there, for machines; - for standard output.")
    private @Nullable Path json;

    private record Found(RunRecords records, RespecConfig config) {}

    @Override
    public Integer call() throws InterruptedException, IOException {
        boolean pageToOutput = OutputPath.isStandardOutput(output);
        boolean jsonToOutput = OutputPath.isStandardOutput(json);
        if (pageToOutput && jsonToOutput) {
            throw new ConfigException("report: standard output takes the page or the JSON: give one of them a file");
        }
        RunAccess access = new RunAccess(configuration.load(), Installation.current());
        Found found = access.read(ReportCommand::read);
        RespecConfig config = configOf(access, found);
        RunSummary summary = summarise(access, found, config);
        ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        String page = new HtmlReport(summary, found.records(), ConfigDifferences.of(config)).render();
        if (json != null && !jsonToOutput) {
            mapper.writeValue(json.toFile(), summary);
        }
        Path file = pageToOutput ? null : output == null ? access.folder().report() : output;
        if (file != null) {
            Files.writeString(file, page);
        }
        if (pageToOutput) {
            System.out.print(page);
        } else if (jsonToOutput) {
            System.out.println(mapper.writeValueAsString(summary));
        } else {
            SummaryText.of(summary).forEach(System.out::println);
            System.out.println();
            System.out.println("Report: " + file);
        }
        return summary.audit().holds() ? ExitCode.OK.code() : ExitCode.FAILED.code();
    }

    /** The run's own configuration, unless a build with other keys has written it. */
    private static RespecConfig configOf(RunAccess access, Found found) {
        try {
            return access.recordedConfig().orElse(found.config());
        } catch (ConfigException ofAnotherBuild) {
            return found.config();
        }
    }

    private static Found read(OpenRun run) {
        return new Found(new RunReader(run.events(), run.runId()).read(), run.config());
    }

    /** What only the run itself could measure is taken from the summary it left, if it is of this run. */
    private static RunSummary summarise(RunAccess access, Found found, RespecConfig config) throws IOException {
        Path file = access.folder().summary();
        Optional<RunFile> local = access.localRun();
        boolean over = local.map(run -> run.status() == RunFile.Status.FINISHED)
                .orElseGet(() -> hasAllSteps(found.records(), config.run().steps()));
        Optional<RunSummary> left = Files.exists(file)
                ? Optional.of(new ObjectMapper().readValue(file.toFile(), RunSummary.class))
                        .filter(summary ->
                                summary.runId().equals(found.records().runId()))
                : Optional.empty();
        double span = RunSpan.seconds(found.records());
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
        RunRecords records = found.records();
        return new Summaries(records, over ? RunAudit.audit(records, bound) : RunAudit.auditSoFar(records, bound))
                .summarise(measured);
    }

    /** Of a run on a cluster nothing but its steps says that it is over. */
    private static boolean hasAllSteps(RunRecords records, int steps) {
        return steps > 0 && records.steps(WeightRole.POLICY).stream().anyMatch(step -> step.getStep() >= steps);
    }
}
