package dev.respec.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.model.TextTokenizer;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.stage.ExitCode;
import dev.respec.stage.StageProcess;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.Event;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import dev.respec.trainer.assembly.ScoredRecords;
import dev.respec.trainer.data.ArithmeticTask;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Rewards that can never be had: every group ends incomplete, and the run ends instead of asking for ever. */
class NoRewardIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int GIVEN_UP = 64;
    private static final int GROUPS = 4;

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    Path folder;

    @Test
    void shouldEndARunInWhichNoGroupIsEverComplete() throws Exception {
        var ended = new AtomicBoolean();
        var scorer = new Thread(() -> endEveryGroupIncomplete(ended));
        scorer.start();

        try {
            assertThat(StageProcess.run(new TrainerStage(), RespecConfig.load(null, Map.of(), settings())))
                    .isEqualTo(ExitCode.BAD_INPUT.code());
        } finally {
            ended.set(true);
            scorer.join(PATIENCE.toMillis());
        }

        assertThat(scorer.isAlive()).isFalse();
        assertThat(cluster.events().readAll(TopicCatalogue.TRAINING_STEPS)).isEmpty();
        assertThat(cluster.events().readAll(TopicCatalogue.ROLLOUT_REQUESTS))
                .as("what was given up, and what was in flight then")
                .hasSizeBetween(GIVEN_UP, GIVEN_UP + 4 * GROUPS);
    }

    private static void endEveryGroupIncomplete(AtomicBoolean ended) {
        try (var requests = cluster.events().consumer(TopicCatalogue.ROLLOUT_REQUESTS, ConsumerMode.fromBeginning());
                var producer = cluster.events().transactionalProducer("no-reward")) {
            while (!ended.get()) {
                for (var request : requests.poll(Duration.ofMillis(100)).stream()
                        .map(Event::requireValue)
                        .toList()) {
                    producer.begin();
                    ScoredRecords.incomplete(request.getRunId(), request.getRequestId(), request.getGroupSize(), 0)
                            .forEach(closing -> producer.sendAndWait(
                                    TopicCatalogue.SCORED_ROLLOUTS, closing.getRequestId(), closing));
                    producer.commit();
                }
            }
        }
    }

    private List<String> settings() throws IOException {
        var policy = folder.resolve("policy");
        TextTokenizer.writeCharacterTokenizer(policy, ArithmeticTask.CHARACTERS, List.of("<pad>", "<eos>"));
        Checkpoint.random(ModelConfig.qwen2(OrderlyPipeline.VOCABULARY, 32, 64, 2, 4, 2, 768, List.of(1)), 3)
                .write(policy);
        var settings = new ArrayList<>(cluster.configSettings());
        settings.addAll(List.of(
                "run.id=no-reward",
                "run.steps=1",
                "run.data-dir=" + folder.resolve("run"),
                "artefacts.root=" + folder.resolve("artefacts"),
                "model.policy=" + policy,
                "trainer.prompts-per-step=" + GROUPS,
                "trainer.group-size=2",
                "trainer.most-attempts=1",
                "trainer.threads=1"));
        return settings;
    }
}
