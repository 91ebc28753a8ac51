package dev.respec.trainer;

import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.training.TrainableModel;
import dev.respec.stage.config.RespecConfig;
import dev.respec.trainer.update.PolicyModel;
import dev.respec.trainer.update.PolicyUpdate;
import dev.respec.trainer.update.TrainingRow;
import dev.respec.trainer.update.UpdateOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

/** Times the trainer's step on rows of random tokens, with the configuration's own settings. */
public final class TrainingBench {
    private static final double NANOS_PER_MILLISECOND = 1e6;
    private static final long SEED = 20;

    /** Lengths vary by this share, evenly, around the mean. */
    private static final double SPREAD = 0.4;

    private final RespecConfig config;
    private final Rows rows;
    private final int rounds;

    /**
     * The rows of a step.
     *
     * @param count rows, each of which counts
     * @param promptTokens of every row
     * @param responseTokens mean of the rows
     */
    public record Rows(int count, int promptTokens, int responseTokens) {}

    /**
     * One step.
     *
     * @param forwardMs forward passes alone, measured on their own
     * @param forwardBackwardMs forward and backward passes
     * @param optimiserMs the optimiser's step
     * @param processorMs processor time of the last two, of all threads: other processes do not change it much
     */
    public record Step(double forwardMs, double forwardBackwardMs, double optimiserMs, double processorMs) {}

    /**
     * What was found out.
     *
     * @param parameters of the policy
     * @param threads it computes on
     * @param microBatches of a step
     * @param tokens of a step, prompts included, padding not
     * @param paddingShare share of what is computed that is padding
     * @param steps in their order
     * @param gigaflop 10^9 floating-point operations of a step's products, without padding and what attention masks
     * @param machineGigaflops 10^9 operations a second that as many threads reach, by the best product of one
     */
    public record Result(
            long parameters,
            int threads,
            int microBatches,
            long tokens,
            double paddingShare,
            List<Step> steps,
            double gigaflop,
            double machineGigaflops) {
        /** Milliseconds of the median step, forward and backward passes and optimiser. */
        public double medianStepMs() {
            var sorted = steps.stream()
                    .mapToDouble(step -> step.forwardBackwardMs() + step.optimiserMs())
                    .sorted()
                    .toArray();
            return sorted[sorted.length / 2];
        }

        /** Tokens a second of the median step. */
        public double tokensPerSecond() {
            return tokens / medianStepMs() * 1e3;
        }

        /** Share of the arithmetic that the machine reaches, of the median step. */
        public double arithmeticShare() {
            return gigaflop / (medianStepMs() / 1e3) / machineGigaflops;
        }
    }

    /** @param rounds steps to time, after one that is not */
    public TrainingBench(RespecConfig config, Rows rows, int rounds) {
        this.config = config;
        this.rows = rows;
        this.rounds = rounds;
    }

    /**
     * Measures.
     *
     * @param onStep sees every step
     */
    public Result run(Consumer<Step> onStep) {
        try (var model = PolicyModels.load(config, Optional.empty());
                var reference = PolicyModels.reference(config, model)) {
            var training = rows(model.config().vocabularySize());
            var update = new PolicyUpdate(
                    PolicyModel.of(model),
                    reference == null ? null : reference::logProbabilities,
                    TrainerSettings.update(config));
            var optimiser = TrainerSettings.optimiser(config.trainer()).withLearningRate(0);
            var last = update.update(training, optimiser, 1);
            var machine = 0.0;
            var steps = new ArrayList<Step>();
            for (int round = 1; round <= rounds; round++) {
                machine = Math.max(machine, model.productGigaflops());
                var start = System.nanoTime();
                update.logProbabilities(training);
                var forward = System.nanoTime() - start;
                var used = processorNanos();
                last = update.update(training, optimiser, 1L + round);
                used = processorNanos() - used;
                var step = new Step(
                        forward / NANOS_PER_MILLISECOND,
                        last.forwardBackward().toNanos() / NANOS_PER_MILLISECOND,
                        last.optimiser().toNanos() / NANOS_PER_MILLISECOND,
                        used / NANOS_PER_MILLISECOND);
                steps.add(step);
                onStep.accept(step);
            }
            return result(model, last, steps, machine * model.threads());
        }
    }

    /** Of this process; 0 if the virtual machine does not say. */
    private static long processorNanos() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .map(Duration::toNanos)
                .orElse(0L);
    }

    private Result result(TrainableModel model, UpdateOutcome outcome, List<Step> steps, double machine) {
        return new Result(
                model.config().parameters(),
                model.threads(),
                outcome.microBatches(),
                outcome.tokens(),
                Math.max(0, 1 - (double) outcome.tokens() / outcome.computedTokens()),
                List.copyOf(steps),
                gigaflop(model.config()),
                machine);
    }

    /** Three products a weight and token: forward, and backward towards inputs and weights. Half of attention's are masked. */
    private double gigaflop(ModelConfig model) {
        var matrices = model.parameters() - (model.tiedEmbeddings() ? 0 : embedding(model));
        var operations = 0.0;
        for (var length : lengths()) {
            var tokens = rows.promptTokens() + length;
            var attention = 2.0 * tokens * tokens * model.heads() * model.headDimension() * model.layers();
            operations += 3 * (2.0 * matrices * tokens + attention);
        }
        return operations * config.trainer().epochs() / 1e9;
    }

    private static long embedding(ModelConfig model) {
        return (long) model.vocabularySize() * model.hiddenSize();
    }

    /** Ascending. */
    private int[] lengths() {
        var lengths = new int[rows.count()];
        for (int row = 0; row < lengths.length; row++) {
            var place = lengths.length == 1 ? 0 : 2.0 * row / (lengths.length - 1) - 1;
            lengths[row] = Math.max(1, (int) Math.round(rows.responseTokens() * (1 + SPREAD * place)));
        }
        return lengths;
    }

    private List<TrainingRow> rows(int vocabulary) {
        var random = new Random(SEED);
        var training = new ArrayList<TrainingRow>();
        for (var length : lengths()) {
            var behaviour = random.doubles(length, -4, -2).toArray();
            training.add(new TrainingRow(
                    tokens(random, rows.promptTokens(), vocabulary),
                    tokens(random, length, vocabulary),
                    behaviour,
                    config.sampling().temperature(),
                    random.nextGaussian(),
                    true));
        }
        return training;
    }

    private static int[] tokens(Random random, int count, int vocabulary) {
        return random.ints(count, 0, vocabulary).toArray();
    }
}
