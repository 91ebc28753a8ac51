package dev.respec.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.model.TextTokenizer;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.training.AdamWSettings;
import dev.respec.model.training.TokenBatch;
import dev.respec.model.training.TrainableModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyFilesTest {
    private static final List<String> NAMES = List.of("config.json", "model.safetensors", "tokenizer.json");

    @TempDir
    private Path folder;

    private Path initial;

    @BeforeEach
    void startRun() {
        initial = folder.resolve("policy-initial");
        TextTokenizer.writeCharacterTokenizer(initial, "0123456789", List.of("<pad>", "<eos>"));
        Checkpoint.random(ModelConfig.qwen2(12, 16, 24, 2, 2, 1, 32, List.of(1)), 3)
                .write(initial);
    }

    @Test
    void shouldLinkTheFirstPolicy() throws IOException {
        try (var model = TrainableModel.load(Checkpoint.read(initial), 1)) {
            var written = written("0", model);

            for (var name : NAMES) {
                assertThat(isSame(written, initial, name)).as(name).isTrue();
            }
        }
    }

    @Test
    void shouldWriteWeightsThatChangedAndLinkTheTokenizer() throws IOException {
        try (var model = TrainableModel.load(Checkpoint.read(initial), 1)) {
            // Given
            var batch = new TokenBatch(List.of(new int[] {2, 3}), List.of(new int[] {4, 5, 1}));
            model.forwardBackward(batch, (firstRow, logProbabilities, gradient) -> Arrays.fill(gradient[0], -1f));
            model.step(new AdamWSettings(1e-2, 0.9, 0.95, 1e-8, 0, 1));
            // When
            var written = written("1", model);
            // Then
            assertThat(isSame(written, initial, "tokenizer.json")).isTrue();
            assertThat(isSame(written, initial, "model.safetensors")).isFalse();
            assertThat(PolicyFiles.sameWeights(written, initial)).isFalse();
            var embedding = "model.embed_tokens.weight";
            assertThat(Checkpoint.read(written).tensor(embedding).toFloats())
                    .isEqualTo(model.checkpoint().tensor(embedding).toFloats())
                    .isNotEqualTo(Checkpoint.read(initial).tensor(embedding).toFloats());
            // and the same again gives the same bytes
            assertThat(PolicyFiles.sameWeights(written, written("again", model)))
                    .isTrue();
        }
    }

    private Path written(String name, TrainableModel model) throws IOException {
        var target = Files.createDirectory(folder.resolve(name));
        new PolicyFiles(model, initial).writePolicy(target);
        return target;
    }

    private static boolean isSame(Path folder, Path other, String name) throws IOException {
        return Files.isSameFile(folder.resolve(name), other.resolve(name));
    }
}
