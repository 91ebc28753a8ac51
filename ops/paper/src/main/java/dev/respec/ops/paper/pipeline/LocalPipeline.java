package dev.respec.ops.paper.pipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.ops.audit.RunReader;
import dev.respec.ops.audit.RunRecords;
import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.cluster.Installation;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.cluster.RunFile;
import dev.respec.ops.console.Console;
import dev.respec.ops.inputs.LearningRate;
import dev.respec.ops.inputs.RunInputs;
import dev.respec.ops.local.LocalOptions;
import dev.respec.ops.local.LocalRun;
import dev.respec.ops.memory.MemoryPlanner;
import dev.respec.ops.paper.lossy.LossyWorker;
import dev.respec.ops.report.RunSummary;
import dev.respec.schemas.RolloutRequest;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.Event;
import dev.respec.topics.TopicCatalogue;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** Local mode as a library: the run that {@code respec local} makes, every stage in a process of its own. */
public final class LocalPipeline implements PipelineRunner {
    @Override
    public RunMeasurements run(Arm arm, int seed, RespecConfig config, Path log) throws InterruptedException {
        RunInputs.requireAll(config);
        LocalRun.requirePorts(config);
        DataFolder folder = new DataFolder(config.run().dataDir());
        RunSummary summary = isFinished(folder) ? finished(folder) : fresh(config, installation(arm), log);
        return new RunAccess(config, Installation.current()).read(run -> {
            RunRecords records = new RunReader(run.events(), run.runId()).read();
            var extras = new Measuring.RunExtras(bytes(folder.finalPolicy()), conditions(config, run));
            return new Measuring(records).of(arm, seed, Arms.settings(config), summary, extras);
        });
    }

    private static Conditions conditions(RespecConfig config, RunAccess.OpenRun run) {
        List<RolloutRequest> requests = run.events().readAll(TopicCatalogue.ROLLOUT_REQUESTS).stream()
                .map(Event::requireValue)
                .filter(request -> request.getRunId().equals(run.runId()))
                .toList();
        int perStep = config.trainer().promptsPerStep();
        return Conditions.of(
                Installation.current().revision(),
                requests,
                perStep * config.run().steps(),
                perStep);
    }

    private static Installation installation(Arm arm) {
        return switch (arm.verification()) {
            case LOSSLESS -> Installation.current();
            case LOSSY -> Installation.current().withProgram(LossyWorker.STAGE, LossyWorker.class);
        };
    }

    private static boolean isFinished(DataFolder folder) {
        return RunFile.read(folder.runFile())
                .filter(run -> run.status() == RunFile.Status.FINISHED)
                .isPresent();
    }

    private static RunSummary finished(DataFolder folder) {
        try {
            return new ObjectMapper().readValue(folder.summary().toFile(), RunSummary.class);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder.summary() + ": " + e.getMessage(), e);
        }
    }

    private static RunSummary fresh(RespecConfig config, Installation installation, Path log)
            throws InterruptedException {
        try (PrintStream out = new PrintStream(
                Files.newOutputStream(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                true,
                StandardCharsets.UTF_8)) {
            Console console = new Console(out, false);
            RespecConfig settled = MemoryPlanner.plan(LearningRate.suited(config, console::line))
                    .settled();
            var options = new LocalOptions(LocalOptions.Start.CONTINUE, true, null);
            return new LocalRun(settled, options, installation, console).run();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + log + ": " + e.getMessage(), e);
        }
    }

    private static long bytes(Path checkpoint) {
        try (Stream<Path> files = Files.list(checkpoint)) {
            List<Path> weights = files.filter(
                            file -> file.getFileName().toString().endsWith(".safetensors"))
                    .toList();
            long bytes = 0;
            for (Path file : weights) {
                bytes += Files.size(file);
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + checkpoint + ": " + e.getMessage(), e);
        }
    }
}
