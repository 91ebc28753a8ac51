package dev.respec.generation;

import dev.respec.generation.engine.CompletedSequence;
import dev.respec.generation.engine.GenerationEngine;
import dev.respec.generation.engine.SequenceRequest;
import dev.respec.generation.engine.StepStatistics;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.SplittableRandomStream;
import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
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
    private static final char PLACE = '@';

    /** A turn is warmed up for this share of itself. */
    private static final int WARM_UP_SHARE = 3;

    private final WorkerModels models;
    private final List<int[]> prompts;
    private final int groupSize;
    private final SamplingOptions sampling;
    private final long distinct;
    private final int mostTokens;
    private long submitted;

    /** @param prompts tokens of the prompts to sample from, in turn */
    public ThroughputComparison(WorkerModels models, List<int[]> prompts, int groupSize) {
        this(models, prompts, groupSize, SamplingOptions.atTemperature(1), Long.MAX_VALUE);
    }

    /** With other sampling, or with sequences that come again, of at most 512 tokens. */
    public ThroughputComparison(
            WorkerModels models, List<int[]> prompts, int groupSize, SamplingOptions sampling, long distinct) {
        this(models, prompts, groupSize, sampling, distinct, MOST_TOKENS);
    }

    /**
     * With sequences of another length, too.
     *
     * @param distinct number of different sequences, a multiple of the group size: the one that many places later has the
     *     same prompt and draws the same numbers
     * @param mostTokens that a sequence emits
     */
    public ThroughputComparison(
            WorkerModels models,
            List<int[]> prompts,
            int groupSize,
            SamplingOptions sampling,
            long distinct,
            int mostTokens) {
        this.models = models;
        this.prompts = prompts;
        this.groupSize = groupSize;
        this.sampling = sampling;
        this.distinct = distinct;
        this.mostTokens = mostTokens;
    }

    /** Sequences of the first so many places, as they are decoded plainly: prompt and response of each. */
    public List<CompletedSequence> decodePlainly(int sequences) {
        GenerationEngine engine = models.engine();
        engine.use(SettingTable.plain());
        for (int place = 0; place < sequences; place++) {
            engine.submit(request(place));
        }
        List<CompletedSequence> completed = new ArrayList<>();
        while (!engine.idle()) {
            completed.addAll(engine.step());
        }
        engine.statistics().drain();
        return completed;
    }

    /**
     * The table beside plain decoding at one batch.
     *
     * @param gain mean over the pairs of turns, of the logarithms of the ratio
     * @param gainError half the width of its 95 % interval
     * @param acceptanceLength tokens that a sequence emitted per verify step under the table
     */
    public record Row(
            int batch,
            Setting setting,
            double tableTokensPerSecond,
            double plainTokensPerSecond,
            double gain,
            double gainError,
            double acceptanceLength) {
        static Row of(int batch, Setting setting, Speed table, Speed plain) {
            PairedGain gain = PairedGain.of(table.turnTokensPerSecond(), plain.turnTokensPerSecond());
            return new Row(
                    batch,
                    setting,
                    table.tokensPerSecond(),
                    plain.tokensPerSecond(),
                    gain.ratio(),
                    gain.error(),
                    table.acceptanceLength());
        }
    }

    /**
     * A table of settings at one batch.
     *
     * @param counts by setting: of a table more than one if the batch was not full for a moment
     * @param kernelSeconds inside the target's kernel
     * @param verdictSeconds of verification and sampling outside it
     * @param turnTokensPerSecond of each turn in the order they ran
     */
    public record Speed(
            SettingTable table,
            long tokens,
            long sequenceSteps,
            long steps,
            double seconds,
            double kernelSeconds,
            double verdictSeconds,
            List<StepStatistics.Counts> counts,
            List<Double> turnTokensPerSecond) {
        public Speed {
            turnTokensPerSecond = List.copyOf(turnTokensPerSecond);
            counts = List.copyOf(counts);
        }

        public double tokensPerSecond() {
            return tokens / Math.max(1e-9, seconds);
        }

        /** Seconds of its steps, without what prompts took. */
        public double stepSeconds() {
            return counts.stream()
                            .mapToDouble(each ->
                                    each.draftMilliseconds() + each.verifyMilliseconds() + each.otherMilliseconds())
                            .sum()
                    / 1e3;
        }

        /** Share of its steps that verification and sampling took outside the target's kernel. */
        public double verdictShare() {
            return verdictSeconds / Math.max(1e-9, stepSeconds());
        }

        /** Tokens a sequence emitted a verify step. */
        public double acceptanceLength() {
            return tokens / (double) Math.max(1, sequenceSteps);
        }
    }

    /**
     * Leaves out batches at which the table decodes plainly: there is nothing to compare.
     *
     * @param segment length of one turn
     * @param pairs turns of each
     * @param done told each row as it is measured
     */
    public List<Row> run(SettingTable table, List<Integer> batches, Duration segment, int pairs, Consumer<Row> done) {
        List<Row> rows = new ArrayList<>();
        for (int batch : batches) {
            if (table.forBatch(batch).isOff()) {
                continue;
            }
            List<Speed> speeds = compare(List.of(table, SettingTable.plain()), batch, segment, pairs);
            Row row = Row.of(batch, table.forBatch(batch), speeds.get(0), speeds.get(1));
            rows.add(row);
            done.accept(row);
        }
        return rows;
    }

    /**
     * Tables in turn over the same sequences, every other round in reverse.
     *
     * @return in the order of the tables
     */
    public List<Speed> compare(List<SettingTable> tables, int batch, Duration segment, int rounds) {
        GenerationEngine engine = models.engine();
        engine.limitSlots(batch);
        List<Turn> turns = new ArrayList<>(tables.stream().map(Turn::new).toList());
        turns.forEach(turn -> turn.run(segment.dividedBy(WARM_UP_SHARE)));
        turns.forEach(Turn::reset);
        for (int round = 0; round < rounds; round++) {
            turns.forEach(turn -> turn.run(segment));
            Collections.reverse(turns);
        }
        if (rounds % 2 == 1) {
            Collections.reverse(turns);
        }
        engine.cancel(request -> true);
        engine.limitSlots(Integer.MAX_VALUE);
        return turns.stream().map(Turn::speed).toList();
    }

    private final class Turn {
        private final SettingTable table;
        private final List<StepStatistics.Counts> counts = new ArrayList<>();
        private final List<Double> speeds = new ArrayList<>();
        private long tokens;
        private long sequenceSteps;
        private long steps;
        private long nanos;
        private long kernelNanos;
        private long verdictNanos;

        Turn(SettingTable table) {
            this.table = table;
        }

        void reset() {
            tokens = 0;
            sequenceSteps = 0;
            steps = 0;
            nanos = 0;
            kernelNanos = 0;
            verdictNanos = 0;
            counts.clear();
            speeds.clear();
        }

        void run(Duration segment) {
            GenerationEngine engine = models.engine();
            engine.use(table);
            engine.statistics().drain();
            long begun = System.nanoTime();
            long before = engine.emittedTokens();
            long kernel = engine.target().kernelNanos();
            long verdicts = engine.verdictNanos();
            long now = begun;
            while (now - begun < segment.toNanos()) {
                refill(engine);
                engine.step();
                steps++;
                now = System.nanoTime();
            }
            tokens += engine.emittedTokens() - before;
            nanos += now - begun;
            speeds.add((engine.emittedTokens() - before) * 1e9 / (now - begun));
            kernelNanos += engine.target().kernelNanos() - kernel;
            verdictNanos += engine.verdictNanos() - verdicts;
            List<StepStatistics.Counts> counted = engine.statistics().drain();
            counted.forEach(each -> sequenceSteps += each.sequenceSteps());
            counts.addAll(counted);
        }

        Speed speed() {
            return new Speed(
                    table,
                    tokens,
                    sequenceSteps,
                    steps,
                    nanos / 1e9,
                    kernelNanos / 1e9,
                    verdictNanos / 1e9,
                    counts,
                    speeds);
        }
    }

    /** As many groups wait as a worker holds, so that samples of one prompt run one behind the other. */
    private void refill(GenerationEngine engine) {
        while (engine.waitingSequences() < Math.max(groupSize, 2 * engine.slotLimit())) {
            for (int i = 0; i < groupSize; i++) {
                engine.submit(request(submitted++));
            }
        }
    }

    /** Equal for sequences with the same prompt and the same random numbers. */
    public static String placeOf(SequenceRequest request) {
        return request.id().substring(request.id().indexOf(PLACE) + 1);
    }

    private SequenceRequest request(long number) {
        long place = number % distinct;
        return new SequenceRequest(
                "throughput-" + number + PLACE + place,
                "throughput-" + number / groupSize,
                prompts.get((int) (place / groupSize % prompts.size())),
                sampling,
                mostTokens,
                new SplittableRandomStream(place, 0));
    }
}
