package dev.respec.ops.inputs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LearningRateTest {
    @TempDir
    Path folder;

    /** A tied Qwen2 of hidden size h, vocabulary v and one layer: v h weights and some. */
    @ParameterizedTest
    @CsvSource({
        "64, 1000, 0, 2.5e-4, 2.5e-4", // small: the default stays
        "896, 151936, 0, 2.5e-4, 1.0e-6",
        "896, 151936, 16, 2.5e-4, 1.0e-5",
        "896, 151936, 0, 3.0e-6, 3.0e-6", // the user's own stays
    })
    void shouldSuitThePolicy(int hidden, int vocabulary, int rank, double given, double expected) throws IOException {
        Files.writeString(folder.resolve("config.json"), """
                {"model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"], "hidden_size": %d, "vocab_size": %d,
                 "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2,
                 "rms_norm_eps": 1e-6, "max_position_embeddings": 128, "tie_word_embeddings": true,
                 "eos_token_id": 1, "rope_theta": 10000.0}
                """.formatted(hidden, vocabulary));
        RespecConfig config = RespecConfig.defaults()
                .withOverrides(List.of(
                        "model.policy=" + folder, "trainer.lora.rank=" + rank, "trainer.learning-rate=" + given));
        List<String> notices = new ArrayList<>();

        RespecConfig suited = LearningRate.suited(config, notices::add);

        assertThat(suited.trainer().learningRate()).isEqualTo(expected);
        assertThat(notices).hasSize(given == expected ? 0 : 1);
    }
}
