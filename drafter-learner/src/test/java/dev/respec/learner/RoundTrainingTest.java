package dev.respec.learner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.learner.distillation.Distiller;
import dev.respec.learner.distillation.RejectedDrafts;
import dev.respec.learner.distillation.TokenSequence;
import dev.respec.learner.state.RecordPosition;
import dev.respec.model.eagle3.TrainingTimeTest;
import dev.respec.model.training.AdamWSettings;
import dev.respec.stage.config.LearnerSection;
import dev.respec.stage.config.RespecConfig;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Algorithm 1 of ReSpec: one step a round over the whole buffer, weighted by reward, after which the buffer is empty. */
class RoundTrainingTest {
    private static final List<TokenSequence> SEQUENCES = TinyModels.sequences(40, 1);
    private static final LearnerSection SETTINGS = RespecConfig.defaults()
            .withOverrides(List.of(
                    "learner.update=algorithm-1",
                    "learner.weighting=reward",
                    "learner.batch-rollouts=8",
                    "learner.buffer-rollouts=1000",
                    "learner.hold-out-fraction=0.1"))
            .learner();

    @Test
    void shouldTakeOneStepOverTheWholeBufferAndClearIt() {
        try (var distiller = load()) {
            var buffer = buffer();
            int buffered = buffer.trainingSize();
            var training = new RoundTraining(SETTINGS, 17, buffer, distiller);

            var first = training.run(Duration.ofHours(1), 0, 1);
            var second = training.run(Duration.ofHours(1), 1, 1);

            assertThat(buffered).isGreaterThan(16);
            assertThat(first.steps()).isEqualTo(1);
            assertThat(first.rollouts()).hasSize(buffered);
            assertThat(buffer.trainingSize()).isZero();
            assertThat(second.steps()).isZero();
            assertThat(distiller.steps()).isEqualTo(1);
        }
    }

    /**
     * The step is θ − η ∇ Σ w(r) KL with w(r) = r / mean(r), clipped to [0.1, 4] and brought back to mean 1. With a share s
     * of rewards 1 and the rest 0, 1 / s is not clipped, so the weights are 1 / s and 0.1 over 1 + 0.1 (1 − s).
     */
    @Test
    void shouldWeighTheStepByTheClippedAndNormalisedReward() {
        try (var distiller = load();
                var reference = load()) {
            var buffer = buffer();
            var expected = buffer();
            List<TrainingRollout> all = expected.takeAll(1);
            double share = all.stream().mapToDouble(TrainingRollout::reward).sum() / all.size();
            assertThat(1 / share).isLessThan(4);
            double mean = 1 + 0.1 * (1 - share);
            float[] weights = new float[all.size()];
            for (int i = 0; i < weights.length; i++) {
                weights[i] = (float) ((all.get(i).reward() == 1 ? 1 / share : 0.1) / mean);
            }

            new RoundTraining(SETTINGS, 17, buffer, distiller).run(Duration.ofHours(1), 0, 1);
            reference.train(
                    all.stream().map(TrainingRollout::tokens).toList(),
                    weights,
                    new AdamWSettings(SETTINGS.learningRate(), 0.9, 0.95, 1e-8, 0, SETTINGS.clip()));

            var trained = distiller.candidate();
            reference
                    .candidate()
                    .tensors()
                    .forEach((name, tensor) -> assertThat(trained.tensor(name).sameAs(tensor))
                            .as(name)
                            .isTrue());
        }
    }

    /** Each response has two rejected drafts, the second one behind an accepted draft. */
    @Test
    void shouldReplayOnlyIfItIsAskedTo() {
        var every = List.of(
                "learner.update=batches",
                "learner.batch-rollouts=8",
                "learner.buffer-rollouts=1000",
                "learner.ttt-length=4");
        assertThat(replayed(every)).isZero();
        assertThat(replayed(with(every, "learner.replay=1", "learner.replay-rollouts=0")))
                .as("those of the batches, the last of which is filled with nothing older")
                .isEqualTo(2L * buffer().trainingSize());
        assertThat(replayed(with(every, "learner.replay=1", "learner.replay-rollouts=3")))
                .as("three sequences per batch")
                .isEqualTo(2L * 3 * ((buffer().trainingSize() + 7) / 8));
        assertThat(replayed(with(every, "learner.replay=1", "learner.update=algorithm-1")))
                .as("those of the whole buffer, which is dropped")
                .isEqualTo(2L * buffer().trainingSize());
        assertThat(replayed(with(every, "learner.replay=1", "learner.replay-rollouts=0", "learner.ttt-length=1")))
                .as("no pass computes the second draft")
                .isEqualTo(buffer().trainingSize());
    }

    @Test
    void shouldReplayTheSameAfterARestart() {
        var settings = learner(List.of("learner.replay=2", "learner.replay-rollouts=5", "learner.batch-rollouts=8"));
        try (var distiller = load();
                var again = load()) {
            for (var each : List.of(distiller, again)) {
                new RoundTraining(settings, 17, buffer(), each).run(Duration.ofHours(1), 3, 1);
            }
            var second = again.candidate();
            distiller
                    .candidate()
                    .tensors()
                    .forEach((name, tensor) -> assertThat(second.tensor(name).sameAs(tensor))
                            .as(name)
                            .isTrue());
        }
    }

    private static long replayed(List<String> overrides) {
        var settings = learner(overrides);
        var policy = TinyModels.policy(5);
        var test = new TrainingTimeTest(settings.tttLength(), 0.8);
        try (var distiller = Distiller.load(policy, TinyModels.drafter(policy, 6), test, 1)) {
            return new RoundTraining(settings, 17, buffer(), distiller)
                    .run(Duration.ofHours(1), 0, 1)
                    .replayedDrafts();
        }
    }

    private static LearnerSection learner(List<String> overrides) {
        return RespecConfig.defaults().withOverrides(overrides).learner();
    }

    private static List<String> with(List<String> settings, String... more) {
        return Stream.concat(settings.stream(), Stream.of(more)).toList();
    }

    private static RolloutBuffer buffer() {
        var buffer = new RolloutBuffer(1000, 0.1);
        for (int i = 0; i < SEQUENCES.size(); i++) {
            var tokens = SEQUENCES.get(i);
            var rejected = new RejectedDrafts.Reader()
                    .recovered(1)
                    .accepted(1)
                    .recovered(1)
                    .others(tokens.response().length - 3)
                    .drafts();
            buffer.add(new TrainingRollout(
                    new RecordPosition(0, i),
                    "run/" + i,
                    new TokenSequence(tokens.prompt(), tokens.response(), rejected),
                    i % 2 == 0 ? 1 : 0,
                    0));
        }
        return buffer;
    }

    private static Distiller load() {
        var policy = TinyModels.policy(5);
        return Distiller.load(policy, TinyModels.drafter(policy, 6), new TrainingTimeTest(4, 0.8), 1);
    }
}
