package dev.respec.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.machine.MachineCode;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingBenchTest {
    /** Embedding 192, final norm 16, and twice: attention 800, norms 32, feed-forward 1,152. */
    private static final int WEIGHTS = 192 + 16 + 2 * (800 + 32 + 1152);

    @TempDir
    private Path folder;

    @Test
    void shouldCountWhatAStepConsistsOf() {
        // Given responses of 6, 8, 10, 12 and 14 tokens after prompts of 4
        Checkpoint.random(ModelConfig.qwen2(12, 16, 24, 2, 2, 1, 32, List.of(1)), 3)
                .write(folder.resolve("policy"));
        var config = RespecConfig.load(
                null,
                Map.of(),
                List.of(
                        "model.policy=" + folder.resolve("policy"),
                        "run.data-dir=" + folder.resolve("data"),
                        "trainer.micro-batch-tokens=32",
                        "trainer.threads=2"));
        var seen = new ArrayList<TrainingBench.Step>();

        // When
        var result = new TrainingBench(config, new TrainingBench.Rows(5, 4, 10), 3).run(seen::add);

        // Then
        assertThat(result.steps()).isEqualTo(seen).hasSize(3);
        assertThat(result.threads()).isEqualTo(2);
        assertThat(result.tokens()).isEqualTo(70);
        // 10 and 12, 14 and 16, 18
        assertThat(result.microBatches()).isEqualTo(3);
        // machine code needs no padding
        double padding = MachineCode.available() ? 0 : 1 - 70.0 / (24 + 32 + 18);
        assertThat(result.paddingShare()).isCloseTo(padding, within(1e-12));
        assertThat(result.parameters()).isEqualTo(WEIGHTS);
        var attention = 2 * (10 * 10 + 12 * 12 + 14 * 14 + 16 * 16 + 18 * 18) * 16 * 2;
        assertThat(result.gigaflop()).isCloseTo(3 * (2.0 * WEIGHTS * 70 + attention) / 1e9, within(1e-12));
        assertThat(result.medianStepMs()).isPositive();
    }
}
