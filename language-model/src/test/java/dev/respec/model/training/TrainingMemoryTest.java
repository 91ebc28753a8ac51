package dev.respec.model.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.training.TrainingMemory.Activations;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingMemoryTest {
    /** Few weights, so that activations are most of what a step takes. */
    private static final ModelConfig CONFIG = ModelConfig.qwen2(1000, 256, 1024, 8, 8, 2, 1024, List.of(1));

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"4, 512, KEPT", "2, 512, KEPT", "8, 512, RECOMPUTED"})
    @EnabledOnOs(OS.LINUX)
    void shouldEstimateWhatAStepTakes(int rows, int length, Activations activations) throws Exception {
        // Given
        TrainingMemory memory = TrainingMemory.ofWeights(CONFIG, (long) rows * length, activations, 1);
        // When
        long measured = peakBytes(rows, length, activations);
        // Then it is enough, and not much more than that
        assertThat((double) measured / (memory.activations() + memory.logits()))
                .as("measured %,d bytes, estimated %s", measured, memory)
                .isBetween(0.6, 1.15);
    }

    @Test
    void shouldCountWhatEachLaneHoldsOnce() {
        TrainingMemory one = TrainingMemory.ofWeights(CONFIG, 512, Activations.KEPT, 1);
        TrainingMemory three = TrainingMemory.ofWeights(CONFIG, 512, Activations.KEPT, 3);
        TrainingMemory most = TrainingMemory.ofWeights(CONFIG, 512, Activations.KEPT, 0);

        assertThat(three.activations()).isEqualTo(3 * one.activations());
        assertThat(three.logits()).isEqualTo(3 * one.logits());
        assertThat(three.weights()).isEqualTo(one.weights()).isEqualTo(4 * CONFIG.parameters());
        // by default as many lanes as processors, at most four: no memory for those that this machine cannot run
        int lanes = Math.min(4, Runtime.getRuntime().availableProcessors());
        assertThat(most.activations()).isEqualTo(lanes * one.activations());
        assertThat(most.gradients()).isEqualTo(4 * CONFIG.parameters() * (1 + lanes));
    }

    private long peakBytes(int rows, int length, Activations activations) throws Exception {
        Checkpoint.random(CONFIG, 1).write(folder);
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xms96m",
                        "-Xmx96m",
                        "-XX:+UseSerialGC",
                        "-XX:+AlwaysPreTouch",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        PeakMemoryProgram.class.getName(),
                        folder.toString(),
                        Integer.toString(rows),
                        Integer.toString(length),
                        Boolean.toString(activations == Activations.RECOMPUTED))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(printed).isZero();
        return Long.parseLong(printed.strip());
    }
}
