package dev.respec.model.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.respec.model.Golden;
import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.model.checkpoint.Safetensors;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.Logits;
import dev.respec.model.decoding.TokenGrid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against adapters that PEFT wrote and the logits that it computed with them, see golden/lora. */
class LoraAdapterTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"qwen2-all-linear, qwen2-tiny, 2", "llama-rslora, llama-tiny, 2.8867513459481287"})
    void shouldGiveThePublicImplementationsLogitsOnceMerged(String name, String base, double scale) {
        // Given
        Checkpoint checkpoint = Checkpoint.read(Golden.path("hf-models/" + base));
        LoraAdapter adapter = LoraAdapter.read(Golden.path("lora/" + name));
        assertThat(adapter.config().scale()).isCloseTo(scale, within(1e-12));
        // When
        Checkpoint merged = adapter.mergeInto(checkpoint);
        // Then
        var expected = Safetensors.open(Golden.path("lora/" + name).resolve("expected.safetensors"));
        int length = (int) expected.tensor("input_ids").shape()[1];
        int[] ids = Arrays.stream(expected.tensor("input_ids").toLongs())
                .mapToInt(Math::toIntExact)
                .toArray();
        float[] logits = expected.tensor("logits").toFloats();
        try (var model = TargetModel.load(merged, 1, 40, ComputeType.FLOAT32, new int[0])) {
            for (int row = 0; row < ids.length / length; row++) {
                var grid = new TokenGrid();
                grid.begin(0);
                grid.add(ids, row * length, length);
                Logits actual = model.step(0, grid);
                int width = actual.vocabularySize();
                for (int i = 0; i < length; i++) {
                    int at = (row * length + i) * width;
                    assertThat(actual.row(i))
                            .containsExactly(Arrays.copyOfRange(logits, at, at + width), within(1e-4f));
                }
            }
        }
    }

    @Test
    void shouldWriteWhatItReads() throws IOException {
        LoraAdapter adapter = LoraAdapter.read(Golden.path("lora/llama-rslora"));
        adapter.write(folder);
        LoraAdapter again = LoraAdapter.read(folder);
        assertThat(again.config()).isEqualTo(adapter.config());
        assertThat(again.products().keySet()).isEqualTo(adapter.products().keySet());
        adapter.products().forEach((name, product) -> {
            assertThat(again.products().get(name)).isNotNull().satisfies(read -> {
                assertThat(read.down().toFloats()).isEqualTo(product.down().toFloats());
                assertThat(read.up().toFloats()).isEqualTo(product.up().toFloats());
            });
        });
        JsonNode json =
                new JsonMapper().readTree(folder.resolve("adapter_config.json").toFile());
        assertThat(json.path("lora_alpha").isIntegralNumber()).isTrue();
        assertThat(json.path("target_modules"))
                .extracting(JsonNode::asText)
                .containsExactlyInAnyOrder("q_proj", "v_proj", "down_proj");
    }

    @Test
    void shouldMakeAPolicyOfAFolderWithAnAdapterOrACheckpoint() {
        // Given
        Checkpoint base = Checkpoint.read(Golden.path("hf-models/qwen2-tiny"));
        LoraAdapter adapter = LoraAdapter.read(Golden.path("lora/qwen2-all-linear"));
        Path update = folder.resolve("update");
        adapter.write(update);
        Path whole = folder.resolve("whole");
        adapter.mergeInto(base).write(whole);
        // When
        Checkpoint policy = LoraAdapter.policyIn(update, base);
        // Then
        Checkpoint expected = LoraAdapter.policyIn(whole, base);
        policy.tensors()
                .forEach((name, tensor) -> assertThat(tensor.toFloats())
                        .as(name)
                        .isEqualTo(expected.tensor(name).toFloats()));
    }

    @Test
    void shouldMergeTheSameWhateverPartIsRead() {
        // Given B · A by its definition, in double precision
        Checkpoint base = Checkpoint.read(Golden.path("hf-models/qwen2-tiny"));
        LoraAdapter adapter = LoraAdapter.read(Golden.path("lora/qwen2-all-linear"));
        String name = "model.layers.0.mlp.down_proj.weight";
        var product = Objects.requireNonNull(adapter.products().get(name));
        float[] down = product.down().toFloats();
        float[] up = product.up().toFloats();
        float[] weight = base.tensor(name).toFloats();
        int columns = (int) base.tensor(name).shape()[1];
        int rank = adapter.config().rank();
        var merged = adapter.mergeInto(base).tensor(name);
        float[] whole = merged.toFloats();
        for (int size : new int[] {1, columns - 1, columns + 1, 3 * columns + 5, 4 * columns, 9 * columns + 2}) {
            for (int first = 0; first + size <= weight.length; first += 2 * size + 7) {
                // When
                float[] part = new float[size];
                merged.read(first, part, 0, size);
                // Then
                for (int i = 0; i < size; i++) {
                    int at = first + i;
                    double sum = 0;
                    for (int k = 0; k < rank; k++) {
                        sum += (double) up[at / columns * rank + k] * down[k * columns + at % columns];
                    }
                    double expected = weight[at] + adapter.config().scale() * sum;
                    assertThat((double) part[i]).isCloseTo(expected, within(1e-6));
                    // on vectors or not
                    assertThat(part[i]).isEqualTo(whole[at]);
                }
            }
        }
    }

    @Test
    void shouldChangeNothingAtFirst() {
        Checkpoint checkpoint = Checkpoint.read(Golden.path("hf-models/qwen2-tiny"));
        LoraAdapter fresh = LoraAdapter.fresh(checkpoint, new LoraConfig(4, 8, LoraConfig.Scaling.RANK), List.of(), 1);
        assertThat(fresh.products().keySet())
                .isEqualTo(LoraAdapter.read(Golden.path("lora/qwen2-all-linear")).products().keySet().stream()
                        .collect(Collectors.toSet()));
        Checkpoint merged = fresh.mergeInto(checkpoint);
        checkpoint
                .tensors()
                .forEach((name, tensor) ->
                        assertThat(merged.tensor(name).toFloats()).as(name).isEqualTo(tensor.toFloats()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "use_dora|true|field use_dora: expected nothing (not supported), found true",
                "bias|\"all\"|field bias: expected none, found \"all\"",
                "peft_type|\"IA3\"|field peft_type: expected LORA",
                "rank_pattern|{\"q_proj\":8}|field rank_pattern: expected nothing",
                "modules_to_save|[\"lm_head\"]|field modules_to_save: expected nothing",
                "init_lora_weights|\"pissa\"|field init_lora_weights: expected one of",
                "something_new|3|field something_new: expected nothing",
                "r|0|needs a positive r",
                "r|5|expected factors of rank 5"
            })
    void shouldRefuseWhatItDoesNotSupportByName(String field, String value, String message) throws IOException {
        Path golden = Golden.path("lora/llama-rslora");
        var mapper = new JsonMapper();
        var json = (ObjectNode)
                mapper.readTree(golden.resolve("adapter_config.json").toFile());
        json.set(field, mapper.readTree(value));
        Files.writeString(folder.resolve("adapter_config.json"), json.toString());
        Files.copy(golden.resolve("adapter_model.safetensors"), folder.resolve("adapter_model.safetensors"));
        assertThatThrownBy(() -> LoraAdapter.read(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(message);
    }

    @Test
    void shouldRefuseAnotherModel() {
        LoraAdapter adapter = LoraAdapter.read(Golden.path("lora/llama-rslora"));
        assertThatThrownBy(() -> adapter.mergeInto(Checkpoint.read(Golden.path("hf-models/qwen3-tiny"))))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("model.layers.0.self_attn.q_proj.weight: made for a weight of [48, 48]");
        assertThatThrownBy(() -> LoraAdapter.read(folder))
                .hasMessageContaining("adapter_config.json: no such file; it is not a PEFT adapter");
    }
}
