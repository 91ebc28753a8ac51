package dev.respec.model.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tokenizer_config.json may hold beside the template. */
class TokenizerConfigTest {
    @Test
    void shouldReadTransformersUnlimitedLength(@TempDir Path folder) throws IOException {
        // Given int(1e30), as transformers writes it
        Files.writeString(folder.resolve("tokenizer_config.json"), """
                {"eos_token": "<|im_end|>", "model_max_length": 1000000000000000019884624838656}
                """);
        Files.writeString(
                folder.resolve("chat_template.jinja"),
                "{% for m in messages %}{{ m.content }}{{ eos_token }}{% endfor %}");
        // When
        var template = ChatTemplate.read(folder, Clock.systemUTC()).orElseThrow();
        // Then
        assertThat(template.render(List.of(Map.of("role", "user", "content", "hi")), Map.of()))
                .isEqualTo("hi<|im_end|>");
    }
}
