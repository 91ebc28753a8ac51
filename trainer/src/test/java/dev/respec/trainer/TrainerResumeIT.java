package dev.respec.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.model.TextTokenizer;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.stage.StageProcess;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.ClusterConfig;
import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import dev.respec.trainer.data.ArithmeticTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A trainer that was killed has, in float32, every bit of one that was not: weights, moments, cursor, admission. */
class TrainerResumeIT {
    private static final int STEPS = 7;
    private static final long SEED = Long.getLong("respec.seed", 1);

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    static Path folder;

    @Test
    void shouldHaveEveryBitOfATrainerThatWasNeverKilled() throws Exception {
        // Given
        Path calm = run("calm", List.of(), STEPS);

        // When: killed at random moments of the steps after these
        Path killed = run("killed", List.of(1, 3, 5), STEPS);

        // Then
        for (String file : List.of("optimiser.safetensors", "policy/model.safetensors", "policy/config.json")) {
            assertThat(killed.resolve(file)).as("seed %d", SEED).hasSameBinaryContentAs(calm.resolve(file));
        }
        for (String field : List.of("runId", "step", "admission", "cursor")) {
            assertThat(state(killed).get(field)).as(field).isEqualTo(state(calm).get(field));
        }
        assertThat(calm.resolve("optimiser.safetensors")).isNotEmptyFile();
    }

    @Test
    void shouldHaveEveryBitAlthoughTheOptimiserIsNotWrittenEveryStep() throws Exception {
        // Given
        Path calm = run("every-step", List.of(), STEPS);

        // When: whole checkpoints are 0, 3 and 6, and those that a restart completes; killed between them
        Path killed = run("every-third", List.of(1, 2, 5), 0, "trainer.checkpoint-optimiser-every=3");

        // Then
        assertThat(killed.resolve("optimiser.safetensors")).doesNotExist();
        assertThat(killed.resolve("policy/model.safetensors"))
                .as("seed %d", SEED)
                .hasSameBinaryContentAs(calm.resolve("policy/model.safetensors"));
        assertThat(killed.resolveSibling("step-000006").resolve("optimiser.safetensors"))
                .hasSameBinaryContentAs(calm.resolveSibling("step-000006").resolve("optimiser.safetensors"));
        assertThat(folder.resolve("every-third.log"))
                .content()
                .contains("Steps since the last optimiser state are trained again")
                .doesNotContain("other weights than before");
    }

    @Test
    void shouldWaitForAStoreThatCannotBeWrittenAndGoOn() throws Exception {
        // Given a run that waits for its third group
        var here = cluster.clusterConfig();
        var prefix = here.topicPrefix() + "store-";
        var config = new ClusterConfig(here.bootstrapServers(), prefix, here.properties(), here.registry());
        Path log = folder.resolve("store.log");
        Path artefacts = folder.resolve("store/artefacts");
        Path aside = folder.resolve("store-aside");
        try (var events = new EventLog(config, "test")) {
            events.provisioner().apply();
            try (var pipeline = new OrderlyPipeline(events)) {
                pipeline.answerUpTo(2);
                var process = TrainerProcess.start(settings("store", prefix), log);
                await().atMost(Duration.ofMinutes(2)).until(() -> !process.isAlive() || steps(events) == 2);

                // When nothing can be written where the artefacts go
                Files.move(artefacts, aside);
                Files.writeString(artefacts, "in the way");
                pipeline.answerUpTo(Integer.MAX_VALUE);
                await().atMost(Duration.ofMinutes(2))
                        .until(() -> !process.isAlive()
                                || Files.readString(log).contains("Artefact cannot be written; make room"));
                assertThat(process.isAlive()).as("log %s", log).isTrue();
                Files.delete(artefacts);
                Files.move(aside, artefacts);

                // Then
                assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
                assertThat(process.exitValue()).isZero();
                assertThat(steps(events)).isEqualTo(STEPS);
                assertThat(pipeline.answered()).isEqualTo(STEPS);
            }
        }
    }

    private static int steps(EventLog events) {
        return events.readAll(TopicCatalogue.TRAINING_STEPS).size();
    }

    /**
     * Returns the last checkpoint.
     *
     * @param ahead steps that the trainer may have gone beyond the one after which it is killed
     */
    private static Path run(String name, List<Integer> killAfter, int ahead, String... more) throws Exception {
        var here = cluster.clusterConfig();
        var config = new ClusterConfig(
                here.bootstrapServers(), here.topicPrefix() + name + "-", here.properties(), here.registry());
        var settings = settings(name, config.topicPrefix());
        settings.addAll(List.of(more));
        var random = new Random(SEED);
        try (var events = new EventLog(config, "test")) {
            events.provisioner().apply();
            try (var pipeline = new OrderlyPipeline(events)) {
                for (int step : killAfter) {
                    pipeline.answerUpTo(step + ahead);
                    var process = TrainerProcess.start(settings, folder.resolve(name + ".log"));
                    await().atMost(Duration.ofMinutes(2))
                            .until(() -> !process.isAlive()
                                    || events.readAll(TopicCatalogue.TRAINING_STEPS)
                                                    .size()
                                            >= step);
                    assertThat(process.isAlive())
                            .as("log %s", folder.resolve(name + ".log"))
                            .isTrue();
                    Thread.sleep(random.nextInt(150));
                    process.destroyForcibly().waitFor();
                }
                pipeline.answerUpTo(Integer.MAX_VALUE);
                assertThat(StageProcess.run(new TrainerStage(), RespecConfig.load(null, Map.of(), settings)))
                        .isZero();
                assertThat(pipeline.answered()).isEqualTo(STEPS);
            }
            assertVersionsCountTheStepsThatTaught(events);
        }
        return folder.resolve(name).resolve("trainer/step-%06d".formatted(STEPS));
    }

    /** A step is one group here, in the order of the requests. */
    private static void assertVersionsCountTheStepsThatTaught(EventLog events) {
        long version = 0;
        for (var event : events.readAll(TopicCatalogue.TRAINING_STEPS)) {
            var step = event.requireValue();
            boolean taught = OrderlyPipeline.teaches(step.getStep() - 1);
            version += taught ? 1 : 0;
            assertThat(step.getVersion())
                    .as("version of step %d", step.getStep())
                    .isEqualTo(version);
            assertThat(step.getRequestIds()).hasSize(1);
            assertThat(step.getMetrics()).containsEntry("no_signal", taught ? 0.0 : 1.0);
            assertThat(step.getMetrics().containsKey("loss")).isEqualTo(taught);
        }
        assertThat(version).isLessThan(STEPS);
        assertThat(events.readAll(TopicCatalogue.WEIGHT_UPDATES).stream()
                        .map(event -> event.requireValue().getVersion()))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(0, version).boxed().toList());
    }

    private static JsonNode state(Path checkpoint) throws IOException {
        return new ObjectMapper().readTree(checkpoint.resolve("state.json").toFile());
    }

    private static List<String> settings(String name, String prefix) {
        var settings = new ArrayList<>(cluster.configSettings());
        settings.addAll(List.of(
                "kafka.topic-prefix=" + prefix,
                "run.id=resumed",
                "run.steps=" + STEPS,
                "run.data-dir=" + folder.resolve(name),
                "artefacts.root=" + folder.resolve(name).resolve("artefacts"),
                "model.policy=" + policy(),
                "trainer.prompts-per-step=1",
                "trainer.group-size=" + OrderlyPipeline.GROUP_SIZE,
                "trainer.max-staleness=0",
                "trainer.threads=1"));
        return settings;
    }

    private static Path policy() {
        var directory = folder.resolve("policy");
        if (!Files.exists(directory)) {
            TextTokenizer.writeCharacterTokenizer(directory, ArithmeticTask.CHARACTERS, List.of("<pad>", "<eos>"));
            Checkpoint.random(ModelConfig.qwen2(OrderlyPipeline.VOCABULARY, 32, 64, 2, 4, 2, 768, List.of(1)), 3)
                    .write(directory);
        }
        return directory;
    }
}
