package dev.respec.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.respec.model.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
    private static final ModelConfig SMALL = ModelConfig.qwen2(40, 64, 128, 2, 4, 2, 128, List.of(1));

    @TempDir
    Path directory;

    @Test
    void shouldReadShardsUnderIndex() {
        var checkpoint = Checkpoint.read(Golden.path("hf-models/qwen3-sharded"));

        assertThat(checkpoint.tensors())
                .containsOnlyKeys(TensorLayout.shapes(checkpoint.config()).keySet());
        assertThat(checkpoint.tensor("model.layers.2.self_attn.q_norm.weight").shape())
                .containsExactly(16);
        long bytes = checkpoint.tensors().values().stream()
                .mapToLong(tensor -> tensor.bytes().size())
                .sum();
        assertThat(bytes).isEqualTo(214_624); // the index's total_size
    }

    @Test
    void shouldReadWhatItWrites() {
        var original = Checkpoint.read(Golden.path("hf-models/qwen3-sharded"));

        original.write(directory.resolve("copy"));
        var copy = Checkpoint.read(directory.resolve("copy"));

        assertThat(copy.config()).isEqualTo(original.config());
        original.tensors()
                .forEach((name, tensor) ->
                        assertThat(copy.tensor(name).toFloats()).as(name).isEqualTo(tensor.toFloats()));
    }

    @Test
    void shouldCopyTokenizerFilesOfSource() throws IOException {
        Checkpoint.random(SMALL, 1).write(directory.resolve("a"));
        Files.writeString(directory.resolve("a/tokenizer.json"), "{}");

        Checkpoint.read(directory.resolve("a")).write(directory.resolve("b"));

        assertThat(directory.resolve("b/tokenizer.json")).hasContent("{}");
    }

    @Test
    void shouldIgnoreStoredCopyOfTiedHead() {
        var tensors = new LinkedHashMap<>(Checkpoint.random(SMALL, 1).tensors());
        tensors.put("lm_head.weight", tensors.get("model.embed_tokens.weight"));
        Checkpoint.random(SMALL, 1).write(directory);
        Safetensors.write(directory.resolve("model.safetensors"), tensors, Map.of());

        assertThat(Checkpoint.read(directory).tensors()).doesNotContainKey("lm_head.weight");
    }

    @Test
    void shouldInitialiseReproduciblyWithGivenDeviation() {
        var checkpoint = Checkpoint.random(SMALL, 7);
        var embedding = checkpoint.tensor("model.embed_tokens.weight").toFloats();

        assertThat(Checkpoint.random(SMALL, 7)
                        .tensor("model.embed_tokens.weight")
                        .toFloats())
                .isEqualTo(embedding);
        assertThat(Checkpoint.random(SMALL, 8)
                        .tensor("model.embed_tokens.weight")
                        .toFloats())
                .isNotEqualTo(embedding);
        double squares = 0;
        for (float value : embedding) {
            squares += value * value;
        }
        assertThat(Math.sqrt(squares / embedding.length)).isCloseTo(0.02, within(0.001));
        assertThat(checkpoint.tensor("model.norm.weight").toFloats()).containsOnly(1f);
        assertThat(checkpoint.tensor("model.layers.0.self_attn.q_proj.bias").toFloats())
                .containsOnly(0f);
    }

    @Test
    void shouldNameMisshapedTensor() {
        Checkpoint.random(SMALL, 1).write(directory);
        replaceTensor("model.norm.weight", HostTensor.ofFloats(new float[63], 63));

        assertThatThrownBy(() -> Checkpoint.read(directory))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(directory + ": tensor model.norm.weight: expected floating-point [64], found FLOAT32[63]");
    }

    @Test
    void shouldNameUnexpectedTensor() {
        Checkpoint.random(SMALL, 1).write(directory);
        replaceTensor("model.layers.2.mlp.up_proj.weight", HostTensor.ofFloats(new float[1], 1));

        assertThatThrownBy(() -> Checkpoint.read(directory))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(directory + ": tensor model.layers.2.mlp.up_proj.weight: not part of this qwen2 model,"
                        + " found FLOAT32[1]");
    }

    @Test
    void shouldNameMissingTensor() {
        Checkpoint.random(SMALL, 1).write(directory);
        var untied = new ModelConfig(
                SMALL.family(),
                SMALL.vocabularySize(),
                SMALL.hiddenSize(),
                SMALL.intermediateSize(),
                SMALL.layers(),
                SMALL.heads(),
                SMALL.keyValueHeads(),
                SMALL.headDimension(),
                SMALL.rmsNormEpsilon(),
                SMALL.rope(),
                false,
                true,
                false,
                SMALL.maxPositions(),
                SMALL.stopTokens());
        ConfigJson.write(directory, untied, ElementType.FLOAT32);

        assertThatThrownBy(() -> Checkpoint.read(directory))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(directory + ": tensor lm_head.weight: expected [40, 64], found nothing");
    }

    @Test
    void shouldRefusePickleFiles() throws IOException {
        ConfigJson.write(directory, SMALL, ElementType.FLOAT32);
        Files.writeString(directory.resolve("pytorch_model.bin"), "");

        assertThatThrownBy(() -> Checkpoint.read(directory))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(directory + ": found only pickle files (pytorch_model.bin), which can run code when loaded:"
                        + " convert them to safetensors");
    }

    @Test
    void shouldRefuseShardOutsideDirectory() throws IOException {
        ConfigJson.write(directory, SMALL, ElementType.FLOAT32);
        Files.writeString(
                directory.resolve("model.safetensors.index.json"),
                "{\"weight_map\": {\"model.norm.weight\": \"../other.safetensors\"}}");

        assertThatThrownBy(() -> Checkpoint.read(directory))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("expected a *.safetensors file name, found ../other.safetensors");
    }

    private void replaceTensor(String name, HostTensor tensor) {
        var tensors = new LinkedHashMap<>(Checkpoint.read(directory).tensors());
        tensors.put(name, tensor);
        Safetensors.write(directory.resolve("model.safetensors"), tensors, Map.of());
    }
}
