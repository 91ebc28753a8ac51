package dev.respec.ops.measure;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.respec.controller.MeasuredDecision;
import dev.respec.controller.MeasuredDecision.Measurement;
import dev.respec.generation.PairedGain;
import dev.respec.generation.ThroughputComparison;
import dev.respec.generation.ThroughputComparison.Speed;
import dev.respec.generation.WorkerModels;
import dev.respec.generation.engine.ReplayDrafting;
import dev.respec.generation.engine.StepStatistics;
import dev.respec.model.TargetModel;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import dev.respec.stage.config.RespecConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Tokens a second of every setting at every batch, all taking turns over the same sequences; then of the table that the
 * controller decides on by these speeds, against plain decoding; and what the machine could reach.
 */
public final class DecodeBench {
    /** Name of the rows in which the controller chose. */
    public static final String ADAPTIVE = "adaptive";

    private static final int PROMPTS = 64;
    private static final int ORACLE_SEQUENCES = 256;
    private static final int ORACLE_TOKENS = 512;
    /** Policies of more parameters get fewer and shorter sequences: each token of them is decoded plainly first. */
    private static final long LARGE_PARAMETERS = 120_000_000;

    private static final int LARGE_SHARE = 8;
    private static final List<Integer> ORACLE_LENGTHS = List.of(2, 4, 8, 16);

    private final RespecConfig config;
    private final Duration segment;
    private final int rounds;
    private final Consumer<Row> done;
    private final ReplayDrafting oracle = new ReplayDrafting(ThroughputComparison::placeOf);
    private final List<Row> rows = new ArrayList<>();
    private final List<Measurement> measured = new ArrayList<>();

    /**
     * @param segment length of one turn
     * @param rounds turns of each setting
     * @param done told each row as it is measured
     */
    public DecodeBench(RespecConfig config, Duration segment, int rounds, Consumer<Row> done) {
        this.config = config;
        this.segment = segment;
        this.rounds = rounds;
        this.done = done;
    }

    /**
     * Names are those of the JSON file.
     *
     * @param chosen what ran: another name than the setting's if the controller chose
     * @param draftMilliseconds of a step, like the two after it
     * @param overheadShare of a step, outside drafter and target kernel
     * @param verdictShare of a step, verification and sampling outside the target's kernel; prompts left out
     * @param speedupError half the width of the 95 % interval of the speed-up, from the turns
     */
    public record Row(
            int batch,
            String setting,
            String chosen,
            double tokensPerSecond,
            double acceptanceLength,
            double speedupOverOff,
            double draftMilliseconds,
            double verifyMilliseconds,
            double otherMilliseconds,
            double overheadShare,
            double verdictShare,
            double speedupError) {}

    /** The drafter that the models need beside their own, for the upper bound. */
    public ReplayDrafting oracle() {
        return oracle;
    }

    /**
     * The upper bound at one batch: a drafter that knows what plain decoding emits.
     *
     * @param length its best draft length of those tried
     * @param speedup over plain decoding
     * @param bestSetting the fastest setting of a real drafter; off if none beats plain decoding
     * @param share of the bound's speed that this setting reaches
     */
    public record OracleRow(
            int batch,
            int length,
            double speedup,
            double acceptanceLength,
            String bestSetting,
            double bestSpeedup,
            double share) {}

    /**
     * @param readGbPerSecond reading memory with the threads in use
     * @param shareAtBatch1 of it that plain decoding of one sequence uses to read the weights
     * @param gigaflops of a large product
     * @param shareAtLargestBatch of it that plain decoding of the largest batch uses in the matrices
     */
    public record RooflineRow(
            double readGbPerSecond,
            @JsonProperty("share_at_batch_1") double shareAtBatch1,
            double gigaflops,
            double shareAtLargestBatch) {}

    /**
     * @param computeType element type of the weight matrices
     * @param kernel what computed the steps: machine code, vector or scripted
     */
    public record Result(
            String model,
            long parameters,
            String computeType,
            String kernel,
            int threads,
            List<Row> rows,
            List<OracleRow> oracle,
            RooflineRow roofline) {}

    /** Measures; the models stay the caller's. The upper bound is left out if they lack {@link #oracle}. */
    public Result run(String name, WorkerModels models, HeldOut heldOut) {
        List<int[]> prompts = heldOut.prompts(models, PROMPTS);
        var comparison =
                new ThroughputComparison(models, prompts, config.trainer().groupSize(), sampling(), Long.MAX_VALUE);
        TargetModel target = models.engine().target();
        List<Integer> batches = config.worker().costBatches().stream()
                .filter(batch -> batch <= target.slots())
                .toList();
        try (Roofline roofline = new Roofline(target, config.worker().threads())) {
            roofline.read();
            for (int batch : batches) {
                everySetting(comparison, batch, models.candidates(config.worker()));
                roofline.read();
            }
            SettingTable table = MeasuredDecision.table(config.controller(), measured);
            for (int batch : batches) {
                adaptive(comparison, batch, table);
                roofline.read();
            }
            List<OracleRow> bounds = bounds(models, prompts, batches);
            return new Result(
                    name,
                    target.config().parameters(),
                    models.computeType().name().toLowerCase(Locale.ROOT),
                    target.kernelName(),
                    config.worker().threads(),
                    List.copyOf(rows),
                    bounds,
                    rooflineRow(roofline, target, models.computeType()));
        }
    }

    private void everySetting(ThroughputComparison comparison, int batch, List<Setting> settings) {
        List<SettingTable> tables = new ArrayList<>(List.of(SettingTable.plain()));
        settings.forEach(setting -> tables.add(SettingTable.always(setting)));
        List<Speed> speeds = comparison.compare(tables, batch, segment, rounds);
        for (Speed speed : speeds) {
            Setting setting = speed.table().forBatch(batch);
            add(batch, setting.toString(), speed, speeds.get(0));
            measured.add(new Measurement(batch, setting, speed.tokensPerSecond(), speed.acceptanceLength()));
        }
    }

    private void adaptive(ThroughputComparison comparison, int batch, SettingTable table) {
        List<Speed> speeds = comparison.compare(List.of(SettingTable.plain(), table), batch, segment, 2 * rounds);
        add(batch, ADAPTIVE, speeds.get(1), speeds.get(0));
    }

    /** As the configuration samples, so that speed-ups are those of its temperature. */
    private SamplingOptions sampling() {
        var sampling = config.sampling();
        return new SamplingOptions(sampling.temperature(), sampling.topP(), sampling.topK());
    }

    /** The same few hundred sequences again and again: their continuations are known after the first time. */
    private List<OracleRow> bounds(WorkerModels models, List<int[]> prompts, List<Integer> batches) {
        if (models.engine().drafter(ReplayDrafting.NAME) == null) {
            return List.of();
        }
        int groupSize = config.trainer().groupSize();
        boolean large = models.engine().target().config().parameters() > LARGE_PARAMETERS;
        int least = large ? ORACLE_SEQUENCES / LARGE_SHARE : ORACLE_SEQUENCES;
        int sequences = (least + groupSize - 1) / groupSize * groupSize;
        int tokens = large ? ORACLE_TOKENS / LARGE_SHARE : ORACLE_TOKENS;
        var comparison = new ThroughputComparison(models, prompts, groupSize, sampling(), sequences, tokens);
        oracle.replay(comparison.decodePlainly(sequences));
        List<SettingTable> tables = new ArrayList<>(List.of(SettingTable.plain()));
        ORACLE_LENGTHS.forEach(length -> tables.add(SettingTable.always(Setting.chain(ReplayDrafting.NAME, length))));
        return batches.stream()
                .map(batch -> bound(batch, comparison.compare(tables, batch, segment, rounds)))
                .toList();
    }

    private OracleRow bound(int batch, List<Speed> speeds) {
        Speed best = speeds.stream()
                .max(Comparator.comparingDouble(Speed::tokensPerSecond))
                .orElseThrow();
        Row fastest = rows.stream()
                .filter(row -> row.batch() == batch && !row.setting().equals(ADAPTIVE))
                .max(Comparator.comparingDouble(Row::speedupOverOff))
                .orElseThrow();
        double speedup = best.tokensPerSecond() / speeds.get(0).tokensPerSecond();
        return new OracleRow(
                batch,
                best.table().forBatch(batch).draftLength(),
                speedup,
                best.acceptanceLength(),
                fastest.setting(),
                fastest.speedupOverOff(),
                fastest.speedupOverOff() / speedup);
    }

    private void add(int batch, String setting, Speed speed, Speed off) {
        double steps = Math.max(1, speed.steps());
        double draft = sum(speed, StepStatistics.Counts::draftMilliseconds) / steps;
        double verify = sum(speed, StepStatistics.Counts::verifyMilliseconds) / steps;
        double all = speed.seconds() * 1e3 / steps;
        Row row = new Row(
                batch,
                setting,
                speed.table().forBatch(batch).toString(),
                speed.tokensPerSecond(),
                speed.acceptanceLength(),
                speed.tokensPerSecond() / off.tokensPerSecond(),
                draft,
                verify,
                all - draft - verify,
                1 - (speed.kernelSeconds() * 1e3 / steps + draft) / all,
                speed.verdictShare(),
                PairedGain.of(speed.turnTokensPerSecond(), off.turnTokensPerSecond())
                        .error());
        rows.add(row);
        done.accept(row);
    }

    private static double sum(Speed speed, java.util.function.ToDoubleFunction<StepStatistics.Counts> value) {
        return speed.counts().stream().mapToDouble(value).sum();
    }

    private RooflineRow rooflineRow(Roofline roofline, TargetModel target, ComputeType type) {
        List<Row> plain = rows.stream()
                .filter(row -> row.setting().equals(Setting.OFF.toString()))
                .toList();
        Row smallest = plain.get(0);
        Row largest = plain.get(plain.size() - 1);
        double readPerSecond = target.weightBytes() * smallest.tokensPerSecond() / smallest.batch() / 1e9;
        double elements = target.weightBytes() / (type == ComputeType.BFLOAT16 ? 2.0 : Float.BYTES);
        double flopsPerSecond = 2 * elements * largest.tokensPerSecond() / 1e9;
        return new RooflineRow(
                roofline.readGigabytesPerSecond(),
                smallest.batch() == 1 ? readPerSecond / roofline.readGigabytesPerSecond() : Double.NaN,
                roofline.arithmeticGigaflops(),
                flopsPerSecond / roofline.arithmeticGigaflops());
    }
}
