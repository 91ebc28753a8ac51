package dev.respec.ops.measure;

import dev.respec.generation.ThroughputComparison;
import dev.respec.generation.ThroughputComparison.Speed;
import dev.respec.generation.WorkerModels;
import dev.respec.generation.engine.ReplayDrafting;
import dev.respec.generation.engine.StepStatistics;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import dev.respec.stage.config.RespecConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * How much of a step verification and sampling take if every drafted token is accepted, so that every row is evaluated: the
 * most that they can take. Drafts are what the same sequences emitted when they were decoded plainly before.
 */
public final class VerificationBench {
    /** Ways to sample, by the name that is shown. */
    private static final Map<String, SamplingOptions> SAMPLING = sampling();

    private static final int PROMPTS = 64;
    private static final int TOKENS = 64;

    private final RespecConfig config;
    private final Duration segment;
    private final int rounds;
    private final ReplayDrafting oracle = new ReplayDrafting(ThroughputComparison::placeOf);

    /**
     * @param segment length of one turn
     * @param rounds turns of each way to sample
     */
    public VerificationBench(RespecConfig config, Duration segment, int rounds) {
        this.config = config;
        this.segment = segment;
        this.rounds = rounds;
    }

    private static Map<String, SamplingOptions> sampling() {
        Map<String, SamplingOptions> all = new LinkedHashMap<>();
        all.put("greedy", SamplingOptions.greedy());
        all.put("temperature 1", SamplingOptions.atTemperature(1));
        all.put("top-p 0.95", new SamplingOptions(1, 0.95, 0));
        all.put("top-k 50", new SamplingOptions(1, 1, 50));
        all.put("temperature 0.7, top-p 0.8, top-k 20", new SamplingOptions(0.7, 0.8, 20));
        return all;
    }

    /**
     * Means of a step, without prompts.
     *
     * @param acceptanceLength tokens that a sequence emitted per step: one more than the draft length if all were accepted
     * @param passMilliseconds of the target's pass
     * @param verdictMilliseconds of verification and sampling outside it
     * @param share of the step that these take
     */
    public record Row(
            String sampling,
            int batch,
            int draftLength,
            double acceptanceLength,
            double stepMilliseconds,
            double passMilliseconds,
            double verdictMilliseconds,
            double share) {}

    /** The drafter that the models need. */
    public ReplayDrafting oracle() {
        return oracle;
    }

    /** Measures; the models stay the caller's. */
    public List<Row> run(WorkerModels models, HeldOut heldOut, int draftLength, Consumer<Row> done) {
        List<int[]> prompts = heldOut.prompts(models, PROMPTS);
        List<Row> rows = new ArrayList<>();
        List<Integer> batches = config.worker().costBatches().stream()
                .filter(batch -> batch <= models.engine().target().slots())
                .toList();
        int sequences = 2 * batches.stream().mapToInt(Integer::intValue).max().orElse(1);
        SettingTable drafted = SettingTable.always(Setting.chain(ReplayDrafting.NAME, draftLength));
        SAMPLING.forEach((name, options) -> {
            var comparison = new ThroughputComparison(models, prompts, 1, options, sequences, TOKENS);
            oracle.replay(comparison.decodePlainly(sequences));
            for (int batch : batches) {
                Speed speed = comparison
                        .compare(List.of(drafted), batch, segment, rounds)
                        .get(0);
                Row row = row(name, batch, draftLength, speed);
                rows.add(row);
                done.accept(row);
            }
        });
        return rows;
    }

    private static Row row(String name, int batch, int draftLength, Speed speed) {
        double steps = Math.max(1, speed.steps());
        return new Row(
                name,
                batch,
                draftLength,
                speed.acceptanceLength(),
                1e3 * speed.stepSeconds() / steps,
                speed.counts().stream()
                                .mapToDouble(StepStatistics.Counts::verifyMilliseconds)
                                .sum()
                        / steps,
                1e3 * speed.verdictSeconds() / steps,
                speed.verdictShare());
    }
}
