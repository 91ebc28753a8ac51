package dev.respec.ops;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.respec.ops.audit.RunAudit;
import dev.respec.ops.audit.RunReader;
import dev.respec.ops.audit.RunRecords;
import dev.respec.ops.local.RunAccess;
import dev.respec.ops.local.RunAccess.OpenRun;
import dev.respec.ops.report.HtmlReport;
import dev.respec.ops.report.RunSummary;
import dev.respec.ops.report.Summaries;
import dev.respec.ops.report.SummaryText;
import dev.respec.stage.ExitCode;
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

/** Makes a run's summary and report anew from its topics. */
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
            description = "Where the page goes (default: report.html in the data folder).")
    private @Nullable Path output;

    @Option(names = "--json", paramLabel = "FILE", description = "Also writes the summary there, for machines.")
    private @Nullable Path json;

    private record Found(RunRecords records, RespecConfig config) {}

    @Override
    public Integer call() throws InterruptedException, IOException {
        RunAccess access = new RunAccess(configuration.load(), Installation.current());
        Found found = access.read(ReportCommand::read);
        RunSummary summary = summarise(access, found);
        SummaryText.of(summary).forEach(System.out::println);
        ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        if (json != null) {
            mapper.writeValue(json.toFile(), summary);
        }
        Path page = output == null ? access.folder().report() : output;
        Files.writeString(page, new HtmlReport(summary, found.records()).render());
        System.out.println();
        System.out.println("Report: " + page);
        return summary.audit().holds() ? ExitCode.OK.code() : ExitCode.FAILED.code();
    }

    private static Found read(OpenRun run) {
        return new Found(new RunReader(run.events(), run.runId()).read(), run.config());
    }

    /** What only the run itself could measure is taken from the summary it left, where it is of this run. */
    private static RunSummary summarise(RunAccess access, Found found) throws IOException {
        Path file = access.folder().summary();
        Optional<RunSummary> left = Files.exists(file)
                ? Optional.of(new ObjectMapper().readValue(file.toFile(), RunSummary.class))
                        .filter(summary ->
                                summary.runId().equals(found.records().runId()))
                : Optional.empty();
        double span = RunSpan.seconds(found.records());
        long seed = access.localRun()
                .map(run -> run.seed())
                .orElse(found.config().run().seed());
        var measured = new Summaries.Measured(
                seed,
                left.map(RunSummary::wallSeconds).orElse(span),
                left.map(RunSummary::trainingSeconds).orElse(span),
                left.map(RunSummary::firstRolloutSeconds).orElse(null),
                left.map(RunSummary::evaluation).orElse(null),
                left.map(RunSummary::throughput).orElse(null));
        long bound = found.config().trainer().maxStaleness();
        return new Summaries(found.records(), RunAudit.audit(found.records(), bound)).summarise(measured);
    }
}
