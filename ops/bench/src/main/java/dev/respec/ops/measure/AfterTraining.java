package dev.respec.ops.measure;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.generation.ThroughputComparison;
import dev.respec.generation.WorkerModels;
import dev.respec.ops.report.RunSummary.Evaluation;
import dev.respec.ops.report.RunSummary.PassRates;
import dev.respec.ops.report.RunSummary.Throughput;
import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Everything that a finished run measures with the machine to itself, in one process. */
public final class AfterTraining {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration SEGMENT = Duration.ofMillis(250);
    private static final int PAIRS = 8;
    private static final int PROMPTS = 64;

    private final RespecConfig config;
    private final Consumer<String> notices;

    public AfterTraining(RespecConfig config, Consumer<String> notices) {
        this.config = config;
        this.notices = notices;
    }

    /**
     * What to measure, handed over in a file.
     *
     * @param drafter folder of the newest drafter; null for none
     * @param settings largest batch to setting in text, as the controller decided last; empty for plain decoding
     */
    public record Task(
            String initialPolicy,
            String finalPolicy,
            @Nullable String drafter,
            Map<Integer, String> settings,
            boolean evaluate,
            boolean compare) {

        public static Task read(Path file) {
            try {
                return JSON.readValue(file.toFile(), Task.class);
            } catch (IOException e) {
                throw new BadInputException("cannot read " + file + ": " + e.getMessage(), e);
            }
        }

        public void write(Path file) {
            try {
                JSON.writeValue(file.toFile(), this);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
            }
        }
    }

    /** Parts that were not asked for are null. */
    public record Result(
            @Nullable Evaluation evaluation, @Nullable Throughput throughput) {}

    public Result run(Task task) {
        Path initial = Path.of(task.initialPolicy());
        Evaluation evaluation = null;
        PassRates before = null;
        HeldOut heldOut = HeldOut.of(config, initial);
        if (task.evaluate()) {
            try (WorkerModels models = WorkerModels.load(config, initial, null)) {
                before = heldOut.passRates(models, "initial policy", notices);
            }
        }
        Path drafter = task.drafter() == null ? null : Path.of(task.drafter());
        Throughput throughput = null;
        try (WorkerModels models = WorkerModels.load(config, Path.of(task.finalPolicy()), drafter)) {
            if (before != null) {
                PassRates after = heldOut.passRates(models, "final policy", notices);
                evaluation = new Evaluation(heldOut.size(), before, after);
            }
            if (task.compare()) {
                throughput = compare(models, heldOut, table(task.settings()));
            }
        }
        return new Result(evaluation, throughput);
    }

    private Throughput compare(WorkerModels models, HeldOut heldOut, SettingTable table) {
        List<int[]> prompts = heldOut.prompts(models, PROMPTS);
        List<Integer> batches = config.worker().costBatches().stream()
                .filter(batch -> batch <= config.worker().slots())
                .toList();
        Throughput throughput =
                new Throughput(new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
        batches.forEach(batch ->
                throughput.settingByBatch().put(batch, table.forBatch(batch).toString()));
        new ThroughputComparison(models, prompts, config.trainer().groupSize())
                .run(table, batches, SEGMENT, PAIRS, row -> {
                    throughput.adaptiveTokensPerSecondByBatch().put(row.batch(), row.tableTokensPerSecond());
                    throughput.plainTokensPerSecondByBatch().put(row.batch(), row.plainTokensPerSecond());
                    requireNonNull(throughput.gainByBatch()).put(row.batch(), row.gain());
                    requireNonNull(throughput.gainErrorByBatch()).put(row.batch(), row.gainError());
                    notices.accept("throughput at batch " + row.batch());
                });
        return throughput;
    }

    private static SettingTable table(Map<Integer, String> settings) {
        if (settings.isEmpty()) {
            return SettingTable.plain();
        }
        return new SettingTable(
                0,
                settings.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, entry -> Setting.parse(entry.getValue()))));
    }
}
