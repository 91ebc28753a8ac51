package dev.respec.trainer.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.training.AdamWSettings;
import dev.respec.model.training.TrainableModel;
import dev.respec.trainer.loss.ImportanceCorrection;
import dev.respec.trainer.loss.LossSettings;
import dev.respec.trainer.loss.Objective;
import dev.respec.trainer.loss.Reduction;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PolicyUpdateTest {
    private static final ModelConfig CONFIG = ModelConfig.qwen2(24, 32, 64, 2, 4, 2, 128, List.of(1));
    private static final AdamWSettings ADAM = new AdamWSettings(1e-3, 0.9, 0.95, 1e-8, 0, 1e9);

    @ParameterizedTest
    @EnumSource(Reduction.class)
    void shouldNotDependOnHowRowsArePacked(Reduction reduction) {
        // Given
        var rows = rows(13);

        // When: everything in one forward pass, or nearly every row in its own
        var whole = gradientNorm(rows, reduction, 100_000);
        var split = gradientNorm(rows, reduction, 30);

        // Then: float32 sums in another order
        assertThat(split.gradientNorm()).isCloseTo(whole.gradientNorm(), within(1e-5 * whole.gradientNorm()));
        assertThat(split.loss()).isCloseTo(whole.loss(), within(1e-6));
        assertThat(split.statistics().tokens()).isEqualTo(whole.statistics().tokens());
    }

    @Test
    void shouldPackWithinTheBudgetAndKeepEveryRowOnce() {
        var rows = rows(40);

        var batches = MicroBatch.packAll(rows, 100, 0);

        assertThat(batches)
                .allSatisfy(batch -> assertThat(batch.tokens().tokens().rows()
                                * batch.tokens().tokens().width())
                        .isLessThanOrEqualTo(100));
        assertThat(batches.stream().flatMap(batch -> batch.rows().stream()))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 40).boxed().toList());
    }

    @Test
    void shouldPackEvenSharesForSeveralThreads() {
        var rows = new ArrayList<TrainingRow>();
        for (int i = 0; i < 100; i++) {
            rows.add(row(new int[90 + i % 20], new float[90 + i % 20], 1));
        }

        // 10,150 tokens would be five micro-batches of the budget, the last nearly empty
        var batches = MicroBatch.packAll(rows, 2560, 0);

        assertThat(batches).hasSize(8);
        assertThat(batches.stream().mapToInt(batch -> batch.tokens().tokens().rows()))
                .allSatisfy(count -> assertThat(count).isBetween(9, 15));
    }

    @Test
    void shouldKeepPromptsTogetherWhereThePolicyComputesThemOnce() {
        // Given 16 prompts of 30 tokens with 8 responses each, of 50 to 85 tokens
        var rows = new ArrayList<TrainingRow>();
        for (int prompt = 0; prompt < 16; prompt++) {
            for (int sample = 0; sample < 8; sample++) {
                var response = new int[50 + 5 * sample];
                var shared = new int[30];
                shared[0] = prompt;
                rows.add(new TrainingRow(shared, response, new double[response.length], 1, 1, true));
            }
        }
        var all = IntStream.range(0, rows.size()).boxed().toList();

        // When
        var batches = MicroBatch.packAll(rows, 2560, 1024);

        // Then four prompts a micro-batch, each with its prompts once
        assertThat(batches).hasSize(4);
        assertThat(batches.stream().flatMap(batch -> batch.rows().stream())).containsExactlyElementsOf(all);
        assertThat(batches).allSatisfy(batch -> {
            assertThat(batch.rows()).hasSize(32);
            assertThat(batch.computedTokens()).isEqualTo(4 * (30 + 8 * 50 + 5 * 28));
        });
        // one row longer than the policy computes so: all are padded
        assertThat(MicroBatch.packAll(rows, 2560, 114))
                .allSatisfy(batch -> assertThat(batch.computedTokens())
                        .isEqualTo(batch.tokens().tokens().paddedTokenCount()));
    }

    @Test
    void shouldNotDependOnTheNumberOfThreads() {
        var rows = rows(40);
        var outcomes = new ArrayList<UpdateOutcome>();
        for (int threads : List.of(1, 2)) {
            try (var model = TrainableModel.load(Checkpoint.random(CONFIG, 5), threads)) {
                var policy = PolicyModel.of(model);
                outcomes.add(new PolicyUpdate(policy, policy, settings(Reduction.DAPO, 60, 2, 2, 0.1))
                        .update(rows, ADAM, 1));
            }
        }
        assertThat(outcomes.get(1).gradientNorm()).isEqualTo(outcomes.get(0).gradientNorm());
        assertThat(outcomes.get(1).loss()).isEqualTo(outcomes.get(0).loss());
        assertThat(outcomes.get(1).entropy()).isEqualTo(outcomes.get(0).entropy());
        assertThat(outcomes.get(1).statistics())
                .usingRecursiveComparison()
                .isEqualTo(outcomes.get(0).statistics());
    }

    @Test
    void shouldRaiseWhatWasGoodAndLowerWhatWasBad() {
        try (var model = TrainableModel.load(Checkpoint.random(CONFIG, 5), 1)) {
            // Given: two responses to one prompt, sampled by the policy itself
            var policy = PolicyModel.of(model);
            var batch = MicroBatch.packAll(plain(List.of(new int[] {5, 6, 1}, new int[] {9, 8, 1})), 1000, 0);
            var before = policy.logProbabilities(List.of(batch.get(0).tokens())).get(0);
            var rows = List.of(row(new int[] {5, 6, 1}, before[0], 1), row(new int[] {9, 8, 1}, before[1], -1));

            // When
            var outcome = new PolicyUpdate(policy, null, settings(Reduction.DAPO, 1000, 1, 1, 0)).update(rows, ADAM, 1);

            // Then
            var after = policy.logProbabilities(List.of(batch.get(0).tokens())).get(0);
            assertThat(sum(after[0])).isGreaterThan(sum(before[0]));
            assertThat(sum(after[1])).isLessThan(sum(before[1]));
            assertThat(outcome.optimiserSteps()).isEqualTo(1);
            assertThat(outcome.statistics().meanImportance()).isCloseTo(1, within(1e-5));
            assertThat(outcome.entropy()).isCloseTo(Math.log(24), within(0.2));
        }
    }

    @Test
    void shouldTakeOneOptimiserStepAMinibatchAndEpoch() {
        try (var model = TrainableModel.load(Checkpoint.random(CONFIG, 5), 1)) {
            var policy = PolicyModel.of(model);
            var settings = settings(Reduction.DAPO, 500, 2, 3, 0.1);

            var outcome = new PolicyUpdate(policy, policy, settings).update(rows(12), ADAM, 4);

            assertThat(outcome.optimiserSteps()).isEqualTo(6);
            assertThat(model.steps()).isEqualTo(6);
            assertThat(outcome.statistics().tokens())
                    .isEqualTo(2L
                            * rows(12).stream()
                                    .mapToInt(TrainingRow::countedTokens)
                                    .sum());
        }
    }

    @Test
    void shouldLeaveTheWeightsAloneWhenNoRowCounts() {
        try (var model = TrainableModel.load(Checkpoint.random(CONFIG, 5), 1)) {
            var row = new TrainingRow(new int[] {2}, new int[] {3, 1}, new double[] {-1, -1}, 1, 1, false);
            var update = new PolicyUpdate(PolicyModel.of(model), null, settings(Reduction.DAPO, 100, 1, 1, 0));

            assertThat(update.update(List.of(row), ADAM, 1).optimiserSteps()).isZero();
            assertThat(update.update(List.of(), ADAM, 2).optimiserSteps()).isZero();
            assertThat(model.steps()).isZero();
        }
    }

    @Test
    void shouldStopWhenTheGradientIsNotFinite() {
        try (var model = TrainableModel.load(Checkpoint.random(CONFIG, 5), 1)) {
            var row = row(new int[] {3, 1}, new float[] {-1, -1}, Double.POSITIVE_INFINITY);
            var update = new PolicyUpdate(PolicyModel.of(model), null, settings(Reduction.DAPO, 100, 1, 1, 0));

            assertThatThrownBy(() -> update.update(List.of(row), ADAM, 7))
                    .isInstanceOf(TrainingDivergedException.class)
                    .hasMessageStartingWith("step 7: the gradient norm is");
        }
    }

    private static UpdateOutcome gradientNorm(List<TrainingRow> rows, Reduction reduction, int microBatchTokens) {
        try (var model = TrainableModel.load(Checkpoint.random(CONFIG, 5), 1)) {
            return new PolicyUpdate(PolicyModel.of(model), null, settings(reduction, microBatchTokens, 1, 1, 0))
                    .update(rows, ADAM, 1);
        }
    }

    private static UpdateSettings settings(
            Reduction reduction, int microBatchTokens, int epochs, int minibatches, double kl) {
        return new UpdateSettings(
                new LossSettings(Objective.GRPO, 0.2, 0.28, kl, ImportanceCorrection.TIS, 2),
                reduction,
                epochs,
                minibatches,
                microBatchTokens,
                64,
                11);
    }

    /** Rows of random lengths; every fifth does not count. */
    private static List<TrainingRow> rows(int count) {
        var random = new Random(7);
        var rows = new ArrayList<TrainingRow>();
        for (int i = 0; i < count; i++) {
            var response = random.ints(1 + random.nextInt(12), 2, 24).toArray();
            var behaviour = random.doubles(response.length, -4, -2).toArray();
            var prompt = random.ints(1 + random.nextInt(5), 2, 24).toArray();
            rows.add(new TrainingRow(prompt, response, behaviour, 1, random.nextGaussian(), i % 5 != 4));
        }
        return rows;
    }

    private static List<TrainingRow> plain(List<int[]> responses) {
        return responses.stream()
                .map(response -> row(response, new float[response.length], 0))
                .toList();
    }

    private static TrainingRow row(int[] response, float[] behaviour, double advantage) {
        var doubles = IntStream.range(0, behaviour.length)
                .mapToDouble(i -> behaviour[i])
                .toArray();
        return new TrainingRow(new int[] {2, 3}, response, doubles, 1, advantage, true);
    }

    private static double sum(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).sum();
    }
}
