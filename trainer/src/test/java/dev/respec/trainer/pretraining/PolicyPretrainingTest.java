package dev.respec.trainer.pretraining;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.model.TextTokenizer;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.training.AdamWSettings;
import dev.respec.model.training.TrainableModel;
import dev.respec.trainer.data.ArithmeticTask;
import dev.respec.trainer.data.Split;
import dev.respec.trainer.update.LearningRate;
import dev.respec.trainer.update.PolicyModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyPretrainingTest {
    private static final int STOP = 1;

    @Test
    void shouldLearnFromWorkedExamples() {
        // Given
        var config = ModelConfig.qwen2(22, 32, 64, 2, 4, 2, 768, List.of(STOP));
        var progress = new ArrayList<PretrainingProgress>();

        // When
        try (var model = TrainableModel.load(Checkpoint.random(config, 3), 1)) {
            pretraining(model, 30).run(progress::add);
        }

        // Then: an untrained model knows nothing, ln 22; guessing by frequency alone is below 2.7
        assertThat(progress).hasSize(30);
        assertThat(progress.get(0).loss()).isCloseTo(Math.log(22), within(0.1));
        assertThat(progress.get(29).heldOutLoss().orElseThrow()).isLessThan(2.7);
        assertThat(progress.get(29).responseTokens()).isGreaterThan(20_000);
    }

    @Test
    void shouldLeaveADirectoryThatLoads(@TempDir Path directory) {
        var steps = new ArrayList<PretrainingProgress>();

        ArithmeticPolicy.pretrain(directory, 1, 3, 1, steps::add);

        var policy = Checkpoint.read(directory);
        assertThat(policy.config()).isEqualTo(ArithmeticPolicy.architecture());
        // counted on the same architecture in PyTorch
        assertThat(policy.config().parameters()).isEqualTo(816_288);
        try (var tokenizer = TextTokenizer.open(directory)) {
            assertThat(tokenizer.encode("Q:1")).isEqualTo(encode("Q:1"));
        }
        assertThat(steps).hasSize(1);
    }

    @Test
    void shouldRepeatItselfExactly() {
        assertThat(lossesOf()).isEqualTo(lossesOf());
    }

    @Test
    void shouldLengthenItsExamplesAndEndThemInTheStopToken() {
        var curriculum = new ArithmeticCurriculum(PolicyPretrainingTest::encode, STOP, Split.TRAIN, 1, 0.05);

        assertThat(meanLength(curriculum, 0)).isLessThan(meanLength(curriculum, 0.2));
        assertThat(meanLength(curriculum, 0.35)).isEqualTo(meanLength(curriculum, 1));
        var response = curriculum.at(0, 1).responseTokens();
        assertThat(response[response.length - 1]).isEqualTo(STOP);
    }

    private static List<Double> lossesOf() {
        var losses = new ArrayList<Double>();
        var config = ModelConfig.qwen2(22, 32, 64, 1, 4, 2, 768, List.of(STOP));
        try (var model = TrainableModel.load(Checkpoint.random(config, 3), 1)) {
            pretraining(model, 4).run(progress -> losses.add(progress.loss()));
        }
        return losses;
    }

    private static PolicyPretraining pretraining(TrainableModel model, int steps) {
        var settings = new PretrainingSettings(
                steps,
                2048,
                1024,
                100,
                new LearningRate(1e-2, 5, steps, LearningRate.Shape.COSINE, 0.03),
                new AdamWSettings(1e-2, 0.9, 0.95, 1e-8, 0.01, 1),
                0,
                32,
                1);
        return new PolicyPretraining(
                PolicyModel.of(model),
                new ArithmeticCurriculum(PolicyPretrainingTest::encode, STOP, Split.TRAIN, 1, 0.05),
                new ArithmeticCurriculum(PolicyPretrainingTest::encode, STOP, Split.EVALUATION, 1, 0.05),
                settings);
    }

    private static double meanLength(ArithmeticCurriculum curriculum, double progress) {
        var sum = 0.0;
        for (int position = 0; position < 200; position++) {
            sum += curriculum.at(position, progress).length();
        }
        return sum / 200;
    }

    /** Character tokens after two special ones, as the project's own tokenizer numbers them. */
    private static int[] encode(String text) {
        return text.chars()
                .map(character -> 2 + ArithmeticTask.CHARACTERS.indexOf(character))
                .toArray();
    }
}
