package dev.respec.ops;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.respec.ops.cluster.Installation;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.report.ConfigDifferences;
import dev.respec.ops.report.HtmlReport;
import dev.respec.ops.report.RunSummary;
import dev.respec.ops.report.SummaryText;
import dev.respec.stage.ExitCode;
import dev.respec.stage.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    @Override
    public Integer call() throws InterruptedException, IOException {
        boolean pageToOutput = OutputPath.isStandardOutput(output);
        boolean jsonToOutput = OutputPath.isStandardOutput(json);
        if (pageToOutput && jsonToOutput) {
            throw new ConfigException("report: standard output takes the page or the JSON: give one of them a file");
        }
        RunAccess access = new RunAccess(configuration.load(), Installation.current());
        RunFromTopics run = RunFromTopics.read(access);
        RunSummary summary = run.summary();
        ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        String page = new HtmlReport(summary, run.records(), ConfigDifferences.of(run.config())).render();
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
}
