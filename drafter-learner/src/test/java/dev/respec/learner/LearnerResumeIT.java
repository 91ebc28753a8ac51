package dev.respec.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.topics.ClusterConfig;
import dev.respec.topics.EventLog;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A learner that was killed has, in float32, every bit of one that was not: weights, moments, buffer, offsets. */
class LearnerResumeIT {
    private static final int ROUNDS = 5;
    private static final long SEED = Long.getLong("respec.seed", 1);
    private static final double HOLD_OUT = 0.25;

    /** Of a round: a batch to train on, and as many held out as judging needs. */
    private static final int TRAINING_GROUPS = 4;

    private static final int HELD_OUT_GROUPS = 2;
    private static final String ONE_PARTITION = "one";

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    static Path folder;

    @Test
    void shouldHaveEveryBitOfALearnerThatWasNeverKilled() throws Exception {
        Checkpoint policy = TinyModels.policy(5);
        policy.write(folder.resolve("policy"));
        TinyModels.drafter(policy, 6).write(folder.resolve("drafter"));
        // Given
        Path calm = run("calm", List.of());

        // When: killed at a random moment of these rounds
        Path killed = run("killed", List.of(2, 3, 5));

        // Then
        for (String file : List.of("candidate.safetensors", "in-force/model.safetensors")) {
            assertThat(killed.resolve(file))
                    .as("seed %d", SEED)
                    .isNotEmptyFile()
                    .hasSameBinaryContentAs(calm.resolve(file));
        }
        var json = new ObjectMapper();
        assertThat(json.readTree(killed.resolve("state.json").toFile()))
                .isEqualTo(json.readTree(calm.resolve("state.json").toFile()));
    }

    /** Feeds a round, waits for its event, feeds the next; returns the last checkpoint. */
    private static Path run(String name, List<Integer> killIn) throws Exception {
        var here = cluster.clusterConfig();
        var config = new ClusterConfig(
                here.bootstrapServers(), here.topicPrefix() + name + "-", here.properties(), here.registry());
        var settings = settings(name, config.topicPrefix());
        var log = folder.resolve(name + ".log");
        var random = new Random(SEED);
        Process process = LearnerProcess.start(settings, log);
        try (var events = new EventLog(config, "test");
                var producer = events.transactionalProducer("feed")) {
            for (int round = 1; round <= ROUNDS; round++) {
                feed(producer, round);
                if (killIn.contains(round)) {
                    Thread.sleep(random.nextInt(600));
                    process.destroyForcibly().waitFor();
                    process = LearnerProcess.start(settings, log);
                }
                var learner = process;
                var done = round;
                await().atMost(Duration.ofMinutes(2))
                        .until(() -> !learner.isAlive()
                                || events.readAll(TopicCatalogue.TRAINING_STEPS).size() >= done);
                assertThat(learner.isAlive()).as("log %s", log).isTrue();
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        return folder.resolve(name).resolve("learner/" + DrafterLearnerIT.RUN).resolve("round-%08d".formatted(ROUNDS));
    }

    /** All of a round or nothing is visible, in one partition: every learner takes it in at once. */
    private static void feed(EventProducer producer, int round) {
        int training = 0;
        int heldOut = 0;
        producer.begin();
        for (int i = 0; training < TRAINING_GROUPS || heldOut < HELD_OUT_GROUPS; i++) {
            String request = DrafterLearnerIT.RUN + "/" + (1000 * round + i);
            boolean held = RolloutBuffer.isHeldOut(request, HOLD_OUT);
            if (held ? heldOut++ >= HELD_OUT_GROUPS : training++ >= TRAINING_GROUPS) {
                continue;
            }
            var tokens = TinyModels.sequences(DrafterLearnerIT.GROUP, 1000L * round + i);
            for (int sample = 0; sample < tokens.size(); sample++) {
                var unused = producer.send(
                        TopicCatalogue.SCORED_ROLLOUTS,
                        ONE_PARTITION,
                        DrafterLearnerIT.scored(request, sample, tokens.get(sample)));
            }
        }
        producer.commit();
    }

    private static List<String> settings(String name, String prefix) {
        var here = cluster.clusterConfig();
        try (var events = new EventLog(
                new ClusterConfig(here.bootstrapServers(), prefix, here.properties(), here.registry()), "test")) {
            events.provisioner().apply();
        }
        var settings = new ArrayList<>(cluster.configSettings());
        settings.addAll(List.of(
                "kafka.topic-prefix=" + prefix,
                "run.id=" + DrafterLearnerIT.RUN,
                "run.data-dir=" + folder.resolve(name),
                "model.policy=" + folder.resolve("policy"),
                "model.drafter=" + folder.resolve("drafter"),
                "learner.interval=100ms",
                "learner.max-duty=1",
                "learner.batch-rollouts=" + TRAINING_GROUPS * DrafterLearnerIT.GROUP,
                "learner.buffer-rollouts=256",
                "learner.hold-out-fraction=" + HOLD_OUT,
                "learner.learning-rate=2e-3",
                "learner.replay=1",
                "learner.replay-rollouts=6",
                "learner.ttt-length=3"));
        return settings;
    }
}
