package dev.respec.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.model.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Eagle3CheckpointTest {
    @TempDir
    Path directory;

    @Test
    void shouldReadPublicCheckpoint() {
        var drafter = Eagle3Checkpoint.read(Golden.path("eagle3/drafter-embed"));
        var config = drafter.config();
        assertThat(config.hiddenSize()).isEqualTo(48);
        assertThat(config.targetHiddenSize()).isEqualTo(48);
        assertThat(config.headDimension()).isEqualTo(12);
        assertThat(config.keyValueHeads()).isEqualTo(2);
        assertThat(config.draftVocabularySize()).isEqualTo(40);
        assertThat(config.rmsNormEpsilon()).isEqualTo(1e-5);
        assertThat(config.featureLayers(target().config())).containsExactly(2, 4, 5);
        assertThat(drafter.targetIds()).hasSize(40).isSorted();
        assertThat(drafter.embeddings(target())).isNotSameAs(target().tensors().get("model.embed_tokens.weight"));
    }

    @Test
    void shouldShareTargetsEmbeddingsWhereDrafterHasNone() {
        var drafter = Eagle3Checkpoint.read(Golden.path("eagle3/drafter-noembed"));
        var target = target();
        assertThat(drafter.embeddings(target)).isSameAs(target.tensors().get("model.embed_tokens.weight"));
    }

    @Test
    void shouldTravelWithoutEmbeddingsAndTakeTheOnesItWasTrainedWith() {
        var drafter = Eagle3Checkpoint.read(Golden.path("eagle3/drafter-embed"));
        var frozen = drafter.embeddings(target());

        drafter.withoutEmbeddings().write(directory);
        var update = Eagle3Checkpoint.read(directory);

        assertThat(update.tensors()).doesNotContainKey("embed_tokens.weight");
        assertThat(update.orEmbeddings(frozen).embeddings(target())).isSameAs(frozen);
        assertSame(update.orEmbeddings(frozen), drafter);
        // updates of earlier versions carry theirs
        var other = target().tensor("model.embed_tokens.weight");
        assertThat(drafter.orEmbeddings(other).embeddings(target())).isSameAs(frozen);
    }

    @ParameterizedTest
    @ValueSource(strings = {"drafter-embed", "drafter-noembed"})
    void shouldWriteWhatItReads(String name) {
        var drafter = Eagle3Checkpoint.read(Golden.path("eagle3/" + name));
        drafter.write(directory);
        assertSame(Eagle3Checkpoint.read(directory), drafter);
    }

    @ParameterizedTest
    @CsvSource({"midlayer.,layers.0.", "midlayer.,model.layers.0.", "midlayer.,model.midlayer."})
    void shouldReadOtherSpellings(String publicPrefix, String stored) throws IOException {
        var drafter = Eagle3Checkpoint.read(Golden.path("eagle3/drafter-embed"));
        var renamed = new LinkedHashMap<String, HostTensor>();
        drafter.tensors()
                .forEach((name, tensor) -> renamed.put(
                        name.startsWith(publicPrefix) ? stored + name.substring(publicPrefix.length()) : name, tensor));
        store(renamed, config -> {});
        assertSame(Eagle3Checkpoint.read(directory), drafter);
    }

    @Test
    void shouldReadFullVocabularyVariantWithItsOptions() throws IOException {
        var drafter = Eagle3Checkpoint.read(Golden.path("eagle3/drafter-noembed"));
        var tensors = new LinkedHashMap<>(drafter.tensors());
        tensors.remove("d2t");
        tensors.remove("t2d");
        tensors.put("lm_head.weight", HostTensor.ofFloats(new float[96 * 48], 96, 48));
        tensors.put("fc.weight", HostTensor.ofFloats(new float[48 * 96], 48, 96));
        store(tensors, config -> {
            config.put("intermediate_size", 56);
            config.put("num_attention_heads", 6);
            config.put("num_key_value_heads", 6);
            config.remove("draft_vocab_size");
            config.put("target_hidden_size", 32);
            config.put("head_dim", 8);
            config.put("norm_before_residual", true);
            config.put(
                    "eagle_config",
                    Map.of(
                            "eagle_aux_hidden_state_layer_ids",
                            List.of(1, 3, 5),
                            "use_aux_hidden_state",
                            true,
                            "use_input_layernorm_in_first_layer",
                            true,
                            "use_last_layernorm",
                            true,
                            "use_mtp_layernorm",
                            false));
        });
        var read = Eagle3Checkpoint.read(directory);
        assertThat(read.config().draftVocabularySize()).isEqualTo(96);
        assertThat(read.config().targetHiddenSize()).isEqualTo(32);
        assertThat(read.config().normBeforeResidual()).isTrue();
        assertThat(read.config().featureLayers(target().config())).containsExactly(2, 4, 6);
        assertThat(read.targetIds()).hasSize(96).contains(0, 95);
        assertThatThrownBy(() -> read.embeddings(target()))
                .hasMessageContaining("field target_hidden_size: expected the target's 48, found 32");
    }

    @Test
    void shouldRefuseByName() throws IOException {
        var tensors = Eagle3Checkpoint.read(Golden.path("eagle3/drafter-embed")).tensors();
        var second = new LinkedHashMap<>(tensors);
        second.put("layers.1.mlp.up_proj.weight", HostTensor.ofFloats(new float[4], 2, 2));
        assertRefused(second, config -> {}, "tensor layers.1.mlp.up_proj.weight: not part of an EAGLE-3 drafter");
        assertRefused(tensors, config -> config.put("hidden_act", "gelu"), "field hidden_act: expected silu");
        assertRefused(
                tensors,
                config -> config.put("eagle_config", Map.of("use_last_layernorm", false)),
                "field eagle_config.use_last_layernorm: expected true, found false");
        assertRefused(
                tensors,
                config -> config.put("eagle_config", Map.of("use_mtp_layernorm", true)),
                "field eagle_config.use_mtp_layernorm: expected nothing");
        assertRefused(
                tensors, config -> config.put("num_aux_hidden_states", 5), "field num_aux_hidden_states: expected 3");
        assertRefused(tensors, config -> config.put("attention_bias", true), "field attention_bias: expected false");
        assertRefused(tensors, config -> config.put("architectures", List.of("MedusaModel")), "field architectures");
        assertRefused(tensors, config -> config.put("draft_vocab_size", 41), "tensor lm_head.weight: expected");
        assertRefused(tensors, config -> config.put("num_key_value_heads", 3), "field num_key_value_heads");
        assertRefused(without(tensors, "fc.weight"), config -> {}, "tensor fc.weight: expected", "found nothing");
        assertRefused(without(tensors, "d2t"), config -> {}, "tensor d2t: expected 40 target offsets, found nothing");
        var extra = new LinkedHashMap<>(tensors);
        extra.put("midlayer.self_attn.q_proj.bias", HostTensor.ofFloats(new float[48], 48));
        assertRefused(extra, config -> {}, "tensor midlayer.self_attn.q_proj.bias: not part of an EAGLE-3 drafter");
        var outside = new LinkedHashMap<>(tensors);
        long[] offsets = new long[40];
        offsets[39] = 60;
        outside.put("d2t", HostTensor.ofLongs(offsets, 40));
        assertRefused(outside, config -> {}, "tensor d2t: expected different target ids below vocab_size 96, found 99");
    }

    @Test
    void shouldInitialiseADrafterForATarget() {
        var target = target();
        var config = Eagle3Config.forTarget(target.config());
        var embeddings = Objects.requireNonNull(target.tensors().get("model.embed_tokens.weight"));
        int[] ids = new int[96];
        Arrays.setAll(ids, i -> i);
        var drafter = Eagle3Checkpoint.random(config, ids, embeddings, 7);
        drafter.write(directory);
        assertSame(Eagle3Checkpoint.read(directory), drafter);
        assertThat(drafter.tensors()).doesNotContainKeys("d2t", "t2d");
    }

    private static Checkpoint target() {
        return Checkpoint.read(Golden.path("eagle3/target"));
    }

    private static Map<String, HostTensor> without(Map<String, HostTensor> tensors, String name) {
        var rest = new LinkedHashMap<>(tensors);
        rest.remove(name);
        return rest;
    }

    private void assertRefused(
            Map<String, HostTensor> tensors, Consumer<Map<String, Object>> change, String... messageParts)
            throws IOException {
        store(tensors, change);
        assertThatThrownBy(() -> Eagle3Checkpoint.read(directory))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll(messageParts);
    }

    private void store(Map<String, HostTensor> tensors, Consumer<Map<String, Object>> change) throws IOException {
        var mapper = new ObjectMapper();
        var file = Golden.path("eagle3/drafter-embed/config.json");
        @SuppressWarnings("unchecked")
        Map<String, Object> config = mapper.readValue(Files.readAllBytes(file), LinkedHashMap.class);
        change.accept(config);
        Safetensors.write(directory.resolve("model.safetensors"), tensors, Map.of());
        Files.write(directory.resolve("config.json"), mapper.writeValueAsBytes(config));
    }

    private static void assertSame(Eagle3Checkpoint actual, Eagle3Checkpoint expected) {
        assertThat(actual.config()).isEqualTo(expected.config());
        assertThat(actual.tensors().keySet())
                .containsExactlyElementsOf(expected.tensors().keySet());
        expected.tensors()
                .forEach((name, tensor) ->
                        assertThat(actual.tensor(name).sameAs(tensor)).isTrue());
    }
}
