package dev.respec.ops.measure;

import dev.respec.stage.config.RespecConfig;
import dev.respec.worker.ThroughputComparison;
import dev.respec.worker.WorkerModels;
import dev.respec.worker.engine.Setting;
import dev.respec.worker.engine.SettingTable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tokens a second of every setting at every batch, each beside plain decoding in the same turn of the machine. */
public final class DecodeBench {
    private static final int PROMPTS = 64;

    private final RespecConfig config;
    private final Duration segment;
    private final int pairs;

    /**
     * @param segment length of one turn
     * @param pairs turns of a setting and of plain decoding, one after the other
     */
    public DecodeBench(RespecConfig config, Duration segment, int pairs) {
        this.config = config;
        this.segment = segment;
        this.pairs = pairs;
    }

    /** Names are those of the JSON file. */
    public record Row(
            int batch, String setting, double tokensPerSecond, double acceptanceLength, double speedupOverOff) {}

    /** @param computeType element type of weights and cache */
    public record Result(String model, String computeType, List<Row> rows) {}

    /** @param done told each row as it is measured */
    public Result run(Path policy, @Nullable Path drafter, Consumer<Row> done) {
        List<Row> rows = new ArrayList<>();
        HeldOut heldOut = HeldOut.of(config, policy);
        try (WorkerModels models = WorkerModels.load(config, policy, drafter)) {
            List<int[]> prompts = heldOut.questions().stream()
                    .limit(PROMPTS)
                    .map(question -> models.tokenizer().encode(question.prompt()))
                    .toList();
            var comparison =
                    new ThroughputComparison(models, prompts, config.trainer().groupSize());
            List<Setting> settings = models.candidates(config.worker());
            for (int batch : config.worker().costBatches()) {
                if (batch <= config.worker().slots()) {
                    rows.addAll(rows(comparison, batch, settings, done));
                }
            }
            String type = models.computeType().name().toLowerCase(Locale.ROOT);
            return new Result(policy.toString(), type, rows);
        }
    }

    private List<Row> rows(ThroughputComparison comparison, int batch, List<Setting> settings, Consumer<Row> done) {
        List<Row> rows = new ArrayList<>();
        double off = 0;
        for (Setting setting : settings) {
            ThroughputComparison.Row measured = comparison
                    .run(SettingTable.always(setting), List.of(batch), segment, pairs, row -> {})
                    .get(0);
            off += measured.plainTokensPerSecond() / settings.size();
            Row row = new Row(
                    batch,
                    setting.toString(),
                    measured.tableTokensPerSecond(),
                    measured.acceptanceLength(),
                    measured.gain());
            rows.add(row);
            done.accept(row);
        }
        rows.add(0, new Row(batch, Setting.OFF.toString(), off, 1, 1));
        done.accept(rows.get(0));
        return rows;
    }
}
