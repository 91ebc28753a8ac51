package dev.respec.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.lora.LoraAdapter;
import dev.respec.model.training.AdamWSettings;
import dev.respec.model.training.TokenBatch;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyModelsTest {
    @TempDir
    private Path folder;

    @Test
    void shouldExportAnAdapterThatMakesThePolicyOfTheOneTheRunBeganWith() {
        // Given
        Path policy = folder.resolve("policy");
        Checkpoint.random(ModelConfig.qwen2(12, 16, 24, 2, 2, 1, 32, List.of(1)), 3)
                .write(policy);
        Path out = folder.resolve("out");
        // When
        train(config(policy, 4), out);
        // Then
        Checkpoint base = Checkpoint.read(policy);
        Checkpoint trained = Checkpoint.read(out);
        LoraAdapter adapter = LoraAdapter.read(out.resolve("adapter"));
        Checkpoint merged = adapter.mergeInto(base);
        String changed = "model.layers.1.mlp.down_proj.weight";
        assertThat(trained.tensor(changed).toFloats())
                .isEqualTo(merged.tensor(changed).toFloats())
                .isNotEqualTo(base.tensor(changed).toFloats());
        String frozen = "model.embed_tokens.weight";
        assertThat(trained.tensor(frozen).toFloats())
                .isEqualTo(base.tensor(frozen).toFloats());
    }

    @Test
    void shouldExportNoAdapterWhereAllWeightsAreTrained() {
        Path policy = folder.resolve("policy");
        Checkpoint.random(ModelConfig.qwen2(12, 16, 24, 2, 2, 1, 32, List.of(1)), 3)
                .write(policy);
        Path out = folder.resolve("out");
        train(config(policy, 0), out);
        assertThat(Files.exists(out.resolve("adapter"))).isFalse();
    }

    private RespecConfig config(Path policy, int rank) {
        return RespecConfig.load(
                null,
                Map.of(),
                List.of(
                        "model.policy=" + policy,
                        "run.data-dir=" + folder.resolve("data"),
                        "trainer.lora.rank=" + rank));
    }

    private static void train(RespecConfig config, Path out) {
        var batch = new TokenBatch(List.of(new int[] {2, 3}), List.of(new int[] {4, 5, 1}));
        try (var model = PolicyModels.load(config, Optional.empty())) {
            model.forwardBackward(batch, (firstRow, logProbabilities, gradient) -> Arrays.fill(gradient[0], -1f));
            model.step(new AdamWSettings(1e-2, 0.9, 0.95, 1e-8, 0, 1));
            PolicyModels.export(model, out);
        }
    }
}
