package dev.respec.model.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A model of a tiny width with the vocabulary of Qwen2.5. */
class LargeVocabularyTest {
    private static final int VOCABULARY = 151_936;
    private static final int ROWS = 4;
    private static final int RESPONSE = 600;
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path RESET = Path.of("/proc/self/clear_refs");

    @Test
    @EnabledOnOs(OS.LINUX)
    void shouldNeverHoldTheLogitsOfAllTokens() throws IOException {
        var config = ModelConfig.qwen2(VOCABULARY, 16, 32, 2, 2, 1, 1024, List.of(1));
        try (TrainableModel model = TrainableModel.load(Checkpoint.random(config, 1), 1)) {
            // Given
            train(model, 8);
            Files.writeString(RESET, "5");
            long before = kilobytes("VmRSS:");
            // When
            train(model, RESPONSE);
            // Then
            long grown = (kilobytes("VmHWM:") - before) * 1024;
            long allLogits = 4L * ROWS * RESPONSE * VOCABULARY;
            long chunk = 4 * TrainingMemory.CHUNK_ELEMENTS;
            assertThat(grown).isLessThan(4 * chunk).isLessThan(allLogits);
        }
    }

    private static void train(TrainableModel model, int response) {
        Random random = new Random(2);
        List<int[]> prompts = random.ints(ROWS, 0, VOCABULARY)
                .mapToObj(token -> new int[] {token})
                .toList();
        List<int[]> responses = prompts.stream()
                .map(prompt -> random.ints(response, 0, VOCABULARY).toArray())
                .toList();
        model.forwardBackward(new TokenBatch(prompts, responses), (firstRow, logProbabilities, out) -> {
            for (float[] row : out) {
                Arrays.fill(row, -1f);
            }
        });
    }

    private static long kilobytes(String name) throws IOException {
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
