package dev.respec.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.TokenGrid;
import dev.respec.model.scoring.SequenceScorer;
import dev.respec.model.training.TokenBatch;
import dev.respec.model.training.TrainableModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every dressing of a published checkpoint gives what transformers computes from it, or is refused by name. */
class BroughtCheckpointsTest {
    private static final double FLOAT32 = 1e-4;
    /** What rounding weights to 8 bits costs these models on average; a wrong base or head costs 1 and more. */
    private static final double BFLOAT16 = 0.1;

    @TempDir
    Path directory;

    @TempDir
    Path copy;

    static Stream<String> models() {
        return BroughtCheckpoints.names("models", false);
    }

    static Stream<String> refusedModels() {
        return BroughtCheckpoints.names("models", true);
    }

    static Stream<String> drafters() {
        return BroughtCheckpoints.names("drafters", false);
    }

    static Stream<String> refusedDrafters() {
        return BroughtCheckpoints.names("drafters", true);
    }

    @ParameterizedTest
    @MethodSource("models")
    void shouldScoreAsTransformersInScriptedKernels(String name) throws IOException {
        var checkpoint = Checkpoint.read(BroughtCheckpoints.write("models", name, directory));
        try (var scorer = SequenceScorer.load(checkpoint, 40, 1, ComputeType.FLOAT32)) {
            assertClose(scorer.score(BroughtCheckpoints.tokens()), name, FLOAT32);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void shouldScoreAsTransformersInTraining(String name) throws IOException {
        var checkpoint = Checkpoint.read(BroughtCheckpoints.write("models", name, directory));
        var prompts = new ArrayList<int[]>();
        var responses = new ArrayList<int[]>();
        for (int[] tokens : BroughtCheckpoints.tokens()) {
            prompts.add(Arrays.copyOf(tokens, 1));
            responses.add(Arrays.copyOfRange(tokens, 1, tokens.length));
        }
        try (var model = TrainableModel.load(checkpoint, 1)) {
            float[][] scores = model.logProbabilities(new TokenBatch(prompts, responses));
            assertClose(List.of(scores), name, FLOAT32);
        }
    }

    @ParameterizedTest
    @EnumSource(value = TargetModel.Kernels.class)
    void shouldStayNearTransformersInBfloat16(TargetModel.Kernels kernels) throws IOException {
        for (String name : models().toList()) {
            var checkpoint = Checkpoint.read(BroughtCheckpoints.write("models", name, directory));
            try (var target = TargetModel.load(checkpoint, 1, 40, ComputeType.BFLOAT16, new int[0], kernels)) {
                double difference = 0;
                var expected = BroughtCheckpoints.logProbabilities(name);
                for (int row = 0; row < expected.size(); row++) {
                    int[] tokens = BroughtCheckpoints.tokens().get(row);
                    var grid = new TokenGrid();
                    grid.begin(0);
                    grid.add(tokens, 0, tokens.length);
                    var logits = target.step(0, grid);
                    for (int at = 0; at < tokens.length - 1; at++) {
                        double actual = logProbability(logits.row(at), tokens[at + 1]);
                        difference += Math.abs(actual - expected.get(row)[at]) / (tokens.length - 1);
                    }
                }
                assertThat(difference / expected.size()).as(name).isLessThan(BFLOAT16);
            }
            clear();
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void shouldWriteWhatItReads(String name) throws IOException {
        var original = Checkpoint.read(BroughtCheckpoints.write("models", name, directory));
        original.write(copy);
        var written = Checkpoint.read(copy);
        assertThat(written.config()).isEqualTo(original.config());
        original.tensors()
                .forEach((tensor, values) ->
                        assertThat(written.tensor(tensor).toFloats()).as(tensor).isEqualTo(values.toFloats()));
    }

    @ParameterizedTest
    @MethodSource("refusedModels")
    void shouldRefuseModelByName(String name) throws IOException {
        BroughtCheckpoints.write("models", name, directory);
        assertThatThrownBy(() -> Checkpoint.read(directory))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(directory.toString())
                .hasMessageEndingWith(": " + BroughtCheckpoints.refusal("models", name));
    }

    @ParameterizedTest
    @MethodSource("drafters")
    void shouldReadDrafter(String name) throws IOException {
        var drafter = Eagle3Checkpoint.read(BroughtCheckpoints.write("drafters", name, directory));
        drafter.write(copy);
        var written = Eagle3Checkpoint.read(copy);
        assertThat(written.config()).isEqualTo(drafter.config());
        assertThat(written.targetIds()).isEqualTo(drafter.targetIds());
        assertThat(written.targetIds()).hasSize(name.equals("draft-128") ? 128 : 100);
    }

    @ParameterizedTest
    @MethodSource("refusedDrafters")
    void shouldRefuseDrafterByName(String name) throws IOException {
        BroughtCheckpoints.write("drafters", name, directory);
        assertThatThrownBy(() -> Eagle3Checkpoint.read(directory))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(directory.toString())
                .hasMessageEndingWith(": " + BroughtCheckpoints.refusal("drafters", name));
    }

    private void clear() {
        for (var file : directory.toFile().listFiles()) {
            assertThat(file.delete()).isTrue();
        }
    }

    private static void assertClose(List<float[]> actual, String name, double tolerance) {
        var expected = BroughtCheckpoints.logProbabilities(name);
        assertThat(actual).hasSameSizeAs(expected);
        for (int row = 0; row < expected.size(); row++) {
            assertThat(actual.get(row)).hasSameSizeAs(expected.get(row));
            for (int at = 0; at < expected.get(row).length; at++) {
                assertThat((double) actual.get(row)[at])
                        .as("row %d, token %d", row, at + 1)
                        .isCloseTo(expected.get(row)[at], within(tolerance));
            }
        }
    }

    private static double logProbability(float[] logits, int token) {
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp((double) logit - logits[token]);
        }
        return -Math.log(sum);
    }
}
