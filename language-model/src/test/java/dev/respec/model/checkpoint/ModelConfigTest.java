package dev.respec.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.respec.model.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    Path directory;

    @Test
    void shouldReadOldStyleConfigAndIgnoreDisabledSlidingWindow() {
        var config = ModelConfig.read(Golden.path("hf-models/qwen2-old-config"));

        assertThat(config)
                .isEqualTo(new ModelConfig(
                        ModelFamily.QWEN2,
                        90,
                        32,
                        56,
                        2,
                        4,
                        2,
                        8,
                        1e-6,
                        new RopeConfig(1e6, null),
                        true,
                        true,
                        false,
                        256,
                        List.of()));
    }

    @Test
    void shouldReadExplicitHeadDimensionOfQwen3() {
        var config = ModelConfig.read(Golden.path("hf-models/qwen3-sharded"));

        assertThat(config.headDimension()).isEqualTo(16);
        assertThat(config.hiddenSize()).isEqualTo(40);
        assertThat(config.tiedEmbeddings()).isFalse();
        assertThat(config.queryKeyNorm()).isTrue();
        assertThat(config.queryKeyValueBias()).isFalse();
        assertThat(config.parameters()).isEqualTo(53_656); // the index's total_parameters
    }

    @Test
    void shouldReadLlama3RopeScaling() {
        var config = ModelConfig.read(Golden.path("hf-models/llama3-rope-tiny"));

        assertThat(config.rope()).isEqualTo(new RopeConfig(500_000, new RopeScaling.Llama3(8, 1, 4, 64)));
        assertThat(config.stopTokens()).containsExactly(2);
    }

    @Test
    void shouldStretchOnlyLongWavelengths() {
        // transformers 5.18: ROPE_INIT_FUNCTIONS["llama3"] with the parameters of hf-models/llama3-rope-tiny
        var rope = new RopeConfig(500_000, new RopeScaling.Llama3(8, 1, 4, 64));

        var frequencies = rope.inverseFrequencies(8);

        assertThat(frequencies[0]).isEqualTo(1f);
        assertThat((double) frequencies[1]).isCloseTo(0.00470075384, withinPercentage(1e-4));
        assertThat((double) frequencies[2]).isCloseTo(0.000176776681, withinPercentage(1e-4));
        assertThat((double) frequencies[3]).isCloseTo(6.64786967e-6, withinPercentage(1e-4));
    }

    @Test
    void shouldPreferStopTokensOfGenerationConfig() throws IOException {
        writeConfig("eos_token_id", "7");
        Files.writeString(directory.resolve("generation_config.json"), "{\"eos_token_id\": [5, 6]}");

        assertThat(ModelConfig.read(directory).stopTokens()).containsExactly(5, 6);
    }

    @Test
    void shouldTakeStopTokensOfConfigWhereGenerationConfigNamesNone() throws IOException {
        writeConfig("eos_token_id", "7");
        Files.writeString(directory.resolve("generation_config.json"), "{}");

        assertThat(ModelConfig.read(directory).stopTokens()).containsExactly(7);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "model_type | \"mixtral\" | field model_type: expected qwen2, qwen3 or llama, found mixtral",
                "hidden_act | \"gelu\" | field hidden_act: expected silu, found gelu",
                "hidden_size | \"32\" | field hidden_size: expected an integer, found \"32\"",
                "hidden_size | null | field hidden_size: expected an integer, found nothing",
                "num_key_value_heads | 3 | field num_key_value_heads: expected a divisor of 4, found 3",
                "eos_token_id | 90 | field eos_token_id: expected ids below vocab_size 90, found 90",
                "eos_token_id | \"x\" | field eos_token_id: expected an integer or a list of integers, found \"x\"",
                "rope_scaling | {\"type\":\"longrope\",\"factor\":4} | field rope_scaling.rope_type: expected default, linear, dynamic, llama3 or yarn, found longrope",
                "rope_scaling | {\"type\":\"linear\"} | field rope_scaling.factor: expected a number, found nothing",
                "rope_scaling | {\"type\":\"linear\",\"factor\":0.5} | linear rope scaling needs factor >= 1, found 0.5",
                "rope_scaling | {\"type\":\"linear\",\"factor\":2,\"partial_rotary_factor\":0.5} | field rope_scaling.partial_rotary_factor: expected 1, found 0.5",
                "rope_theta | -1 | field rope_theta: expected a positive number, found -1.0",
                "quantization_config | {\"bits\":4} | field quantization_config: expected unquantised weights, found {\"bits\":4}",
            })
    void shouldRefuseNamingFileFieldExpectedAndActual(String field, String value, String message) throws IOException {
        writeConfig(field, value);

        assertThatThrownBy(() -> ModelConfig.read(directory))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(directory.resolve("config.json") + ": " + message);
    }

    @ParameterizedTest
    @CsvSource({
        "255, 0, use_sliding_window",
        "255, 1, use_sliding_window",
        "256, 0, ",
        "255, 2, ",
    })
    void shouldRefuseAWindowOnlyIfItHidesSomethingFromALayer(int window, int firstLayer, @Nullable String refused)
            throws IOException {
        // Given two layers and sequences of at most 256 tokens
        var config = Golden.path("hf-models/qwen2-old-config").resolve("config.json");
        var json = ((ObjectNode) JSON.readTree(config.toFile()))
                .put("use_sliding_window", true)
                .put("sliding_window", window)
                .put("max_window_layers", firstLayer);
        JSON.writeValue(directory.resolve("config.json").toFile(), json);

        if (refused == null) {
            assertThat(ModelConfig.read(directory).layers()).isEqualTo(2);
        } else {
            assertThatThrownBy(() -> ModelConfig.read(directory))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageEndingWith("field " + refused + ": expected false, found true");
        }
    }

    @ParameterizedTest
    @CsvSource({"llama-tiny", "qwen3-tiny"})
    void shouldRefuseABiasThatNoKernelAdds(String name) throws IOException {
        var json = (ObjectNode) JSON.readTree(
                Golden.path("hf-models/" + name).resolve("config.json").toFile());
        Files.writeString(
                directory.resolve("config.json"),
                json.put("attention_bias", true).toString());
        assertThatThrownBy(() -> ModelConfig.read(directory))
                .isInstanceOf(CheckpointException.class)
                .hasMessageEndingWith("field attention_bias: expected false, found true");
    }

    @Test
    void shouldSayThatConfigIsMissing() {
        assertThatThrownBy(() -> ModelConfig.read(directory))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(directory.resolve("config.json") + ": cannot be read: no such file");
    }

    @Test
    void shouldRefuseConfigThatIsNotJson() throws IOException {
        Files.writeString(directory.resolve("config.json"), "{model_type");

        assertThatThrownBy(() -> ModelConfig.read(directory))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(directory.resolve("config.json") + ": not JSON")
                .hasMessageNotContaining("\n");
    }

    @ParameterizedTest
    @CsvSource({"llama-tiny", "llama3-rope-tiny", "qwen2-old-config", "qwen2-tiny-untied", "qwen3-tiny"})
    void shouldReadWhatItWrites(String name) {
        var config = ModelConfig.read(Golden.path("hf-models/" + name));

        ConfigJson.write(directory, config, ElementType.FLOAT32);

        assertThat(ModelConfig.read(directory)).isEqualTo(config);
    }

    private void writeConfig(String field, String value) throws IOException {
        var config = Golden.path("hf-models/qwen2-old-config").resolve("config.json");
        var json = (ObjectNode) JSON.readTree(config.toFile());
        json.set(field, JSON.readTree(value));
        JSON.writeValue(directory.resolve("config.json").toFile(), json);
    }
}
