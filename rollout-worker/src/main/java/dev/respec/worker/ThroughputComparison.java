package dev.respec.worker;

import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.SplittableRandomStream;
import dev.respec.worker.engine.GenerationEngine;
import dev.respec.worker.engine.SequenceRequest;
import dev.respec.worker.engine.Setting;
import dev.respec.worker.engine.SettingTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A table of settings against plain decoding, at constant active batches, in one process.
 *
 * <p>Both take turns in short segments over the same sequences, so that a machine that slows down slows both; which one
 * begins a pair alternates. Groups of samples of one prompt enter together, as rollouts do. Owned by the engine's thread.
 */
public final class ThroughputComparison {
    private static final int MOST_TOKENS = 512;

    private final WorkerModels models;
    private final List<int[]> prompts;
    private final int groupSize;
    private long submitted;

    /** @param prompts tokens of the prompts to sample from, in turn */
    public ThroughputComparison(WorkerModels models, List<int[]> prompts, int groupSize) {
        this.models = models;
        this.prompts = prompts;
        this.groupSize = groupSize;
    }

    /** @param acceptanceLength tokens a sequence emitted a verify step under the table */
    public record Row(
            int batch,
            Setting setting,
            double tableTokensPerSecond,
            double plainTokensPerSecond,
            double acceptanceLength) {
        public double gain() {
            return tableTokensPerSecond / plainTokensPerSecond;
        }
    }

    /**
     * @param segment length of one turn
     * @param pairs turns of each
     * @param done told each row as it is measured
     */
    public List<Row> run(SettingTable table, List<Integer> batches, Duration segment, int pairs, Consumer<Row> done) {
        List<Row> rows = new ArrayList<>();
        for (int batch : batches) {
            Row row = measure(table, batch, segment, pairs);
            rows.add(row);
            done.accept(row);
        }
        return rows;
    }

    private Row measure(SettingTable table, int batch, Duration segment, int pairs) {
        GenerationEngine engine = models.engine();
        engine.limitSlots(batch);
        Turn adaptive = new Turn(table);
        Turn plain = new Turn(SettingTable.plain());
        adaptive.run(segment);
        adaptive.reset();
        for (int pair = 0; pair < pairs; pair++) {
            (pair % 2 == 0 ? adaptive : plain).run(segment);
            (pair % 2 == 0 ? plain : adaptive).run(segment);
        }
        engine.cancel(request -> true);
        engine.limitSlots(Integer.MAX_VALUE);
        engine.statistics().drain();
        return new Row(
                batch,
                table.forBatch(batch),
                adaptive.tokensPerSecond(),
                plain.tokensPerSecond(),
                adaptive.tokens / (double) Math.max(1, adaptive.sequenceSteps));
    }

    private final class Turn {
        private final SettingTable table;
        private long tokens;
        private long sequenceSteps;
        private long nanos;

        Turn(SettingTable table) {
            this.table = table;
        }

        void reset() {
            tokens = 0;
            sequenceSteps = 0;
            nanos = 0;
        }

        void run(Duration segment) {
            GenerationEngine engine = models.engine();
            engine.use(table);
            long begun = System.nanoTime();
            long before = engine.emittedTokens();
            long now = begun;
            while (now - begun < segment.toNanos()) {
                refill(engine);
                sequenceSteps += Math.max(1, engine.activeSequences());
                engine.step();
                now = System.nanoTime();
            }
            tokens += engine.emittedTokens() - before;
            nanos += now - begun;
        }

        double tokensPerSecond() {
            return tokens * 1e9 / Math.max(1, nanos);
        }
    }

    /** As many groups wait as a worker holds, so that samples of one prompt run one behind the other. */
    private void refill(GenerationEngine engine) {
        while (engine.waitingSequences() < Math.max(groupSize, 2 * engine.slotLimit())) {
            int[] prompt = prompts.get((int) (submitted / groupSize % prompts.size()));
            for (int i = 0; i < groupSize; i++, submitted++) {
                engine.submit(new SequenceRequest(
                        "throughput-" + submitted,
                        "throughput-" + submitted / groupSize,
                        prompt,
                        SamplingOptions.atTemperature(1),
                        MOST_TOKENS,
                        new SplittableRandomStream(submitted, 0)));
            }
        }
    }
}
