package dev.respec.model.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.model.Golden;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Safetensors;
import dev.respec.model.decoding.ComputeType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against logits that transformers computed, see golden/hf-models. */
class SequenceScorerTest {

    @ParameterizedTest
    @ValueSource(strings = {"qwen2-tiny", "qwen2-tiny-untied", "qwen3-tiny", "llama-tiny", "llama3-rope-tiny"})
    void shouldGiveTheReferencesLogProbabilitiesForEveryLengthAndBatch(String name) {
        // Given every prefix of every row of the reference, longest and shortest mixed
        var expected = Safetensors.open(Golden.path("hf-models/" + name).resolve("expected.safetensors"));
        int length = (int) expected.tensor("input_ids").shape()[1];
        long[] ids = expected.tensor("input_ids").toLongs();
        float[] logits = expected.tensor("logits").toFloats();
        int width = logits.length / ids.length;
        List<int[]> sequences = new ArrayList<>();
        for (int row = 0; row < ids.length / length; row++) {
            for (int end = 1; end <= length; end++) {
                sequences.add(Arrays.stream(ids, row * length, row * length + end)
                        .mapToInt(Math::toIntExact)
                        .toArray());
            }
        }
        // When
        List<float[]> scores;
        try (var scorer = SequenceScorer.load(
                Checkpoint.read(Golden.path("hf-models/" + name)), length, 1, ComputeType.FLOAT32)) {
            scores = scorer.score(sequences);
        }
        // Then
        for (int i = 0; i < sequences.size(); i++) {
            int row = i / length;
            float[] actual = scores.get(i);
            assertThat(actual).hasSize(sequences.get(i).length - 1);
            for (int at = 0; at < actual.length; at++) {
                int from = (row * length + at) * width;
                double reference = logSoftmax(
                        Arrays.copyOfRange(logits, from, from + width),
                        sequences.get(i)[at + 1]);
                assertThat((double) actual[at]).isCloseTo(reference, within(1e-4));
            }
        }
    }

    private static double logSoftmax(float[] logits, int token) {
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp((double) logit - logits[token]);
        }
        return -Math.log(sum);
    }
}
