package dev.respec.ops.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.respec.ops.audit.AuditReport;
import dev.respec.ops.audit.RunAudit;
import dev.respec.ops.audit.RunReader;
import dev.respec.ops.audit.RunRecords;
import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.cluster.Installation;
import dev.respec.ops.cluster.RunFile;
import dev.respec.ops.cluster.Supervisor;
import dev.respec.ops.console.Console;
import dev.respec.ops.console.Counts;
import dev.respec.ops.report.ConfigDifferences;
import dev.respec.ops.report.HtmlReport;
import dev.respec.ops.report.Machine;
import dev.respec.ops.report.RunSummary;
import dev.respec.ops.report.Summaries;
import dev.respec.ops.report.SummaryText;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/** What comes after the last training step: drain, stop the stages, measure, prove, report. */
final class LocalFinish {
    private static final Duration MOST_DRAIN = Duration.ofSeconds(45);
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final RespecConfig config;
    private final LocalOptions options;
    private final DataFolder folder;
    private final Supervisor supervisor;
    private final Measurements measurements;
    private final Console console;
    private final EventLog events;
    private final DoubleSupplier seconds;

    LocalFinish(
            RespecConfig config,
            LocalOptions options,
            Supervisor supervisor,
            Measurements measurements,
            Console console,
            EventLog events,
            DoubleSupplier seconds) {
        this.config = config;
        this.options = options;
        this.folder = new DataFolder(config.run().dataDir());
        this.supervisor = supervisor;
        this.measurements = measurements;
        this.console = console;
        this.events = events;
        this.seconds = seconds;
    }

    RunSummary run(RunTime runTime) throws InterruptedException {
        RunFile run = runTime.before();
        double trainedAfter = seconds.getAsDouble();
        RunReader reader = drain(run);
        supervisor.closeStages();
        // not before: a stage may publish until it has ended, and the newest drafter is what the run leaves
        RunRecords records = reader.read();
        console.step("stages", "stopped", seconds.getAsDouble());
        FinalModels models = new FinalModels(config);
        models.writeDrafter(records);
        Measurements.Result measured = measurements.run(records, config, seconds);
        AuditReport audit = RunAudit.audit(records, config.trainer().maxStaleness());
        RunSummary summary = new Summaries(records, audit)
                .summarise(new Summaries.Measured(
                        run.seed(),
                        run.wallSeconds() + seconds.getAsDouble(),
                        run.wallSeconds() + trainedAfter,
                        run.firstRolloutSeconds(),
                        measured.evaluation(),
                        measured.throughput(),
                        Machine.of(Installation.current()),
                        false));
        write(summary, records);
        models.writeCards(summary, records);
        runTime.finish();
        SummaryText.of(summary).forEach(console::line);
        int letters = events.readAll(TopicCatalogue.DEAD_LETTERS).size();
        if (letters > 0) {
            console.line("  dead letters  " + Counts.of(letters, "record")
                    + " could not be used: 'respec status' says which and why");
        }
        console.line("");
        if (config.local().report()) {
            console.line("Report: " + folder.report());
        }
        return summary;
    }

    /** The last step's groups are in; what was admitted beyond it is let finish, so that nothing stays open. */
    private RunReader drain(RunFile run) throws InterruptedException {
        RunReader reader = new RunReader(events, run.runId());
        long deadline = System.nanoTime() + MOST_DRAIN.toNanos();
        int open = reader.openGroups();
        while (open > 0 && System.nanoTime() < deadline) {
            supervisor.tend();
            console.bottom("waiting for " + Counts.of(open, "admitted group"));
            Thread.sleep(500);
            open = reader.openGroups();
        }
        console.clearBottom();
        console.step(
                "drained",
                open == 0 ? "every admitted group is scored" : Counts.of(open, "group") + " still open",
                seconds.getAsDouble());
        return reader;
    }

    private void write(RunSummary summary, RunRecords records) {
        try {
            JSON.writeValue(folder.summary().toFile(), summary);
            Path json = options.json();
            if (json != null) {
                JSON.writeValue(json.toFile(), summary);
            }
            if (config.local().report()) {
                Files.writeString(
                        folder.report(), new HtmlReport(summary, records, ConfigDifferences.of(config)).render());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the summary: " + e.getMessage(), e);
        }
    }
}
