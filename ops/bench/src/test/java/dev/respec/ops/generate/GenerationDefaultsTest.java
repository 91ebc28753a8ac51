package dev.respec.ops.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerationDefaultsTest {
    @TempDir
    Path model;

    @BeforeEach
    void writeWhatTheModelsMakersMean() throws IOException {
        Files.writeString(
                model.resolve("generation_config.json"),
                "{\"temperature\": 0.7, \"top_p\": 0.8, \"top_k\": 20, \"max_new_tokens\": 100}",
                StandardCharsets.UTF_8);
    }

    @Test
    void shouldLeaveTheModelsValuesUnderADefaultConfiguration() {
        GenerationDefaults own = GenerationDefaults.read(model);

        assertThat(own.under(RespecConfig.defaults().sampling()))
                .isEqualTo(new GenerationDefaults(0.7, 0.8, 20, 100, List.of()));
    }

    @Test
    void shouldObeyWhatTheConfigurationSets() {
        RespecConfig config =
                RespecConfig.defaults().withOverrides(List.of("sampling.max-tokens=16", "sampling.top-k=3"));

        assertThat(GenerationDefaults.read(model).under(config.sampling()))
                .isEqualTo(new GenerationDefaults(0.7, 0.8, 3, 16, List.of()));
    }
}
