package dev.respec.ops.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.ops.audit.RunRecords;
import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.cluster.LocalProcesses;
import dev.respec.ops.cluster.LogTail;
import dev.respec.ops.cluster.SupervisedProcess;
import dev.respec.ops.cluster.Supervisor;
import dev.respec.ops.console.Console;
import dev.respec.ops.measure.AfterTraining;
import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/** Measures in a process of its own, which has the machine to itself. */
final class MeasuringProcess implements Measurements {
    private static final String NAME = "measure";

    private final DataFolder folder;
    private final LocalProcesses processes;
    private final Supervisor supervisor;
    private final Console console;

    MeasuringProcess(DataFolder folder, LocalProcesses processes, Supervisor supervisor, Console console) {
        this.folder = folder;
        this.processes = processes;
        this.supervisor = supervisor;
        this.console = console;
    }

    @Override
    public Result run(RunRecords records, RespecConfig config, DoubleSupplier seconds) throws InterruptedException {
        if (!config.local().evaluation() && !config.local().bench()) {
            return new Result(null, null);
        }
        Path task = folder.measurements().resolve("task.json");
        Path result = folder.measurements().resolve("result.json");
        try {
            Files.createDirectories(folder.measurements());
            Files.deleteIfExists(result);
            task(records, config).write(task);
            awaitProcess(task, result);
            AfterTraining.Result measured = new ObjectMapper().readValue(result.toFile(), AfterTraining.Result.class);
            console.step("measured", parts(config), seconds.getAsDouble());
            return new Result(measured.evaluation(), measured.throughput());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot measure the run: " + e.getMessage(), e);
        }
    }

    private static String parts(RespecConfig config) {
        List<String> parts = new ArrayList<>();
        if (config.local().evaluation()) {
            parts.add("pass@1 before and after");
        }
        if (config.local().bench()) {
            parts.add("throughput by batch");
        }
        return String.join(", ", parts);
    }

    private void awaitProcess(Path task, Path result) throws InterruptedException {
        SupervisedProcess process = supervisor.start(processes.command(
                NAME,
                List.of(
                        NAME,
                        "--config",
                        folder.configuration().toString(),
                        "--task",
                        task.toString(),
                        "--result",
                        result.toString())));
        while (!process.isFinished()) {
            supervisor.tend();
            LogTail.lastLines(process.log(), 1).forEach(console::bottom);
            Thread.sleep(200);
        }
        supervisor.forget(process);
        console.clearBottom();
    }

    private AfterTraining.Task task(RunRecords records, RespecConfig config) {
        return new AfterTraining.Task(
                folder.initialPolicy().toString(),
                folder.finalPolicy().toString(),
                config.model().drafter().equals("none")
                        ? null
                        : folder.finalDrafter().toString(),
                settings(records),
                config.local().evaluation(),
                config.local().bench());
    }

    /** The controller's last table. */
    private static Map<Integer, String> settings(RunRecords records) {
        Map<Integer, String> settings = new HashMap<>();
        List<SpeculationSettings> tables = records.settings();
        if (!tables.isEmpty()) {
            for (BatchSetting entry : tables.get(tables.size() - 1).getTable()) {
                settings.put(entry.getMaxActiveBatch(), SettingCodec.text(entry.getSetting()));
            }
        }
        return settings;
    }
}
