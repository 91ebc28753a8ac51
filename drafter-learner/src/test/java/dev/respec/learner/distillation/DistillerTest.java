package dev.respec.learner.distillation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.learner.TinyModels;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.eagle3.TrainingTimeTest;
import dev.respec.model.training.AdamWSettings;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DistillerTest {
    private static final AdamWSettings SETTINGS = new AdamWSettings(3e-3, 0.9, 0.95, 1e-8, 0, 0.5);
    private static final TrainingTimeTest TEST = new TrainingTimeTest(3, 0.8);
    private static final List<TokenSequence> BATCH = TinyModels.sequences(24, 1);

    @Test
    void shouldTeachTheCandidateAndLeaveTheDrafterInForce() {
        try (var distiller = load()) {
            var before = distiller.compare(BATCH);
            assertThat(before.candidate().acceptanceLength())
                    .isEqualTo(before.current().acceptanceLength());
            for (int i = 0; i < 60; i++) {
                distiller.train(BATCH, ones(), SETTINGS);
            }
            var after = distiller.compare(BATCH);
            assertThat(after.current().acceptanceLength())
                    .isEqualTo(before.current().acceptanceLength());
            assertThat(after.candidate().acceptanceLength())
                    .isGreaterThan(after.current().acceptanceLength() + 0.2);
            assertThat(after.candidate().rows())
                    .isEqualTo(BATCH.stream()
                            .mapToInt(TokenSequence::draftedPositions)
                            .sum());
        }
    }

    @Test
    void shouldPromoteAndReset() {
        try (var distiller = load()) {
            distiller.train(BATCH, ones(), SETTINGS);
            double candidate = distiller.compare(BATCH).candidate().acceptanceLength();
            distiller.promoteCandidate();
            assertThat(distiller.compare(BATCH).current().acceptanceLength()).isCloseTo(candidate, within(1e-6));
            distiller.train(BATCH, ones(), SETTINGS);
            distiller.resetCandidate();
            assertThat(distiller.compare(BATCH).candidate().acceptanceLength()).isCloseTo(candidate, within(1e-6));
            assertThat(distiller.steps()).isZero();
        }
    }

    @Test
    void shouldTellACandidateThatTrainingChangedFromOneThatItDidNot() {
        try (var distiller = load()) {
            assertThat(distiller.isCandidateChanged()).isFalse();
            distiller.train(BATCH, ones(), new AdamWSettings(0, 0.9, 0.95, 1e-8, 0, 0.5));
            assertThat(distiller.isCandidateChanged())
                    .as("a learning rate of zero")
                    .isFalse();
            distiller.train(BATCH, ones(), SETTINGS);
            assertThat(distiller.isCandidateChanged()).isTrue();
            distiller.promoteCandidate();
            assertThat(distiller.isCandidateChanged()).isFalse();
        }
    }

    /** The cross-entropy is drowned by the total variation. */
    @Test
    void shouldRaiseTheAcceptanceByTheTotalVariationAlone() {
        var policy = TinyModels.policy(5);
        var test = new TrainingTimeTest(3, 0.8, 1000);
        try (var distiller = Distiller.load(policy, TinyModels.drafter(policy, 6), test, 1)) {
            double before = distiller.compare(BATCH).candidate().acceptanceLength();
            for (int i = 0; i < 60; i++) {
                distiller.train(BATCH, ones(), SETTINGS);
            }
            assertThat(distiller.compare(BATCH).candidate().acceptanceLength()).isGreaterThan(before + 0.2);
        }
    }

    @Test
    void shouldGoOnIdenticallyAfterRestore(@TempDir Path directory) {
        var file = directory.resolve("candidate.safetensors");
        try (var distiller = load();
                var resumed = load()) {
            distiller.train(BATCH, ones(), SETTINGS);
            distiller.promoteCandidate();
            distiller.train(BATCH, ones(), SETTINGS);
            distiller.saveCandidate(file);
            distiller.current().withoutEmbeddings().write(directory.resolve("in-force"));
            // When
            resumed.restore(file, Eagle3Checkpoint.read(directory.resolve("in-force")));
            for (var each : List.of(distiller, resumed)) {
                each.train(BATCH, ones(), SETTINGS);
            }
            // Then
            distiller
                    .candidate()
                    .tensors()
                    .forEach((name, tensor) -> assertThat(
                                    resumed.candidate().tensor(name).sameAs(tensor))
                            .isTrue());
        }
    }

    @Test
    void shouldTeachWithTheNewestPolicy() {
        try (var distiller = load()) {
            double before = distiller.evaluate(BATCH).lossSum(0);
            distiller.adoptPolicy(TinyModels.policy(9));
            assertThat(distiller.evaluate(BATCH).lossSum(0)).isNotEqualTo(before);
        }
    }

    private static Distiller load() {
        var policy = TinyModels.policy(5);
        return Distiller.load(policy, TinyModels.drafter(policy, 6), TEST, 1);
    }

    private static float[] ones() {
        float[] ones = new float[BATCH.size()];
        Arrays.fill(ones, 1);
        return ones;
    }
}
