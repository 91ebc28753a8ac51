package dev.respec.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.model.TextTokenizer;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.TrainingStep;
import dev.respec.stage.StageProcess;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.ClusterConfig;
import dev.respec.topics.Event;
import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import dev.respec.trainer.data.ArithmeticTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Groups with equal rewards are set aside, prompts drawn by pass rate, and neither is lost or changed by a kill. */
class DynamicSamplingIT {
    private static final int STEPS = 7;
    private static final int PROMPTS = 5;
    private static final long SEED = Long.getLong("respec.seed", 1);

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    static Path folder;

    /**
     * A step is one group, the third of every three requests is set aside ({@link OrderlyPipeline#teaches}). Killed while
     * the answers end with a group that was set aside, so that the request in its place was just published, and in mid-run.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldHaveEveryBitOfATrainerThatWasNeverKilled(boolean curriculum) throws Exception {
        // Given
        var name = curriculum ? "curriculum" : "sampling";
        var more = new ArrayList<>(settings("trainer.prompts-per-step=1", "trainer.max-staleness=0"));
        if (curriculum) {
            more.add("data.curriculum.enabled=true");
        }
        Path calm = run(name + "-calm", List.of(), more);

        // When
        Path killed = run(name + "-killed", List.of(2, 3, 5, 8), more);

        // Then
        for (String file : List.of("optimiser.safetensors", "policy/model.safetensors")) {
            assertThat(killed.resolve(file)).as("seed %d", SEED).hasSameBinaryContentAs(calm.resolve(file));
        }
        for (String field : List.of("step", "admission", "cursor", "curriculum")) {
            assertThat(state(killed).get(field)).as(field).isEqualTo(state(calm).get(field));
        }
        assertThat(state(calm).get("admission").get("setAside").asInt()).isEqualTo(3);
        assertThat(state(calm).get("curriculum").get("passRates").size()).isEqualTo(curriculum ? PROMPTS : 0);
    }

    /** Returns the last checkpoint. */
    private static Path run(String name, List<Integer> killAfterAnswers, List<String> more) throws Exception {
        var here = cluster.clusterConfig();
        var config = new ClusterConfig(
                here.bootstrapServers(), here.topicPrefix() + name + "-", here.properties(), here.registry());
        var settings = settings(name, config.topicPrefix(), more);
        try (var events = new EventLog(config, "test")) {
            events.provisioner().apply();
            try (var pipeline = new OrderlyPipeline(events)) {
                for (int answers : killAfterAnswers) {
                    pipeline.answerUpTo(answers);
                    var process = TrainerProcess.start(settings, folder.resolve(name + ".log"));
                    await().atMost(Duration.ofMinutes(2))
                            .until(() -> !process.isAlive() || requests(events).size() > answers);
                    assertThat(process.isAlive())
                            .as("log %s", folder.resolve(name + ".log"))
                            .isTrue();
                    process.destroyForcibly().waitFor();
                }
                pipeline.answerUpTo(Integer.MAX_VALUE);
                assertThat(StageProcess.run(new TrainerStage(), RespecConfig.load(null, Map.of(), settings)))
                        .isZero();
            }
            assertOrderly(events);
        }
        return folder.resolve(name).resolve("trainer/step-%06d".formatted(STEPS));
    }

    private static void assertOrderly(EventLog events) {
        var steps = steps(events);
        assertThat(steps)
                .extracting(step -> step.getRequestIds())
                .containsExactlyElementsOf(IntStream.of(0, 2, 3, 5, 6, 8, 9)
                        .mapToObj(index -> List.of("resumed/" + index))
                        .toList());
        assertThat(steps.stream().flatMap(step -> step.getDroppedRequestIds().stream()))
                .containsExactly("resumed/1 equal-rewards", "resumed/4 equal-rewards", "resumed/7 equal-rewards");
        assertThat(steps).allSatisfy(step -> {
            double setAside = step.getDroppedRequestIds().size();
            assertThat(step.getMetrics())
                    .containsEntry("no_signal", 0.0)
                    .containsEntry("groups_zero_variance", 0.0)
                    .containsEntry("groups_set_aside", setAside)
                    .containsEntry("prompts_per_used", 1 + setAside)
                    .containsEntry("sampling_limit_reached", 0.0)
                    // half of a group passes; all of one that is set aside
                    .containsEntry("pass_rate", setAside == 0 ? 0.5 : 0.75);
        });
    }

    @Test
    void shouldFillEveryStepFromRequestsAskedAheadThroughKills() throws Exception {
        // Given two rewards a group, drawn at random, some groups incomplete; three groups a step
        var more = settings(
                "trainer.prompts-per-step=3",
                "trainer.max-staleness=1",
                "trainer.group-size=2",
                "trainer.dynamic-sampling.limit=100");
        var settings = settings("ahead", cluster.clusterConfig().topicPrefix(), more);
        var random = new Random(SEED);
        var log = folder.resolve("ahead.log");

        // When
        try (var pipeline = new FakePipeline(cluster.events(), SEED)) {
            for (int killAfter : List.of(1, 4)) {
                var process = TrainerProcess.start(settings, log);
                await().atMost(Duration.ofSeconds(90))
                        .until(() ->
                                !process.isAlive() || steps(cluster.events()).size() >= killAfter);
                Thread.sleep(random.nextInt(200));
                process.destroyForcibly().waitFor();
            }
            assertThat(StageProcess.run(new TrainerStage(), RespecConfig.load(null, Map.of(), settings)))
                    .as("seed %d, log %s", SEED, log)
                    .isZero();
        }

        // Then
        var steps = steps(cluster.events());
        assertThat(steps).hasSize(STEPS);
        assertFullCounts(steps);
        assertOneFate(steps);
        assertThat(requests(cluster.events()))
                .extracting(RolloutRequest::getRequestId)
                .doesNotHaveDuplicates();
    }

    private static void assertFullCounts(List<TrainingStep> steps) {
        Map<String, Set<Double>> rewards = new HashMap<>();
        cluster.events().readAll(TopicCatalogue.SCORED_ROLLOUTS).stream()
                .map(Event::requireValue)
                .forEach(record -> rewards.computeIfAbsent(record.getRequestId(), id -> new TreeSet<>())
                        .add(record.getReward()));
        for (var step : steps) {
            assertThat(step.getRequestIds())
                    .hasSize(3)
                    .allSatisfy(id -> assertThat(rewards.get(id)).hasSize(2));
            var setAside = step.getDroppedRequestIds().stream()
                    .filter(entry -> entry.endsWith(" equal-rewards"))
                    .map(entry -> entry.split(" ", 2)[0])
                    .toList();
            assertThat(setAside).allSatisfy(id -> assertThat(rewards.get(id)).hasSize(1));
            assertThat(step.getMetrics())
                    .containsEntry("sampling_limit_reached", 0.0)
                    .containsEntry("groups_set_aside", (double) setAside.size())
                    .containsEntry("prompts_per_used", (3 + setAside.size()) / 3.0);
            assertThat(step.getMetrics().get("staleness_max")).isBetween(0.0, 1.0);
        }
        assertThat(steps.stream()
                        .mapToDouble(step -> step.getMetrics().get("groups_set_aside"))
                        .sum())
                .isPositive();
    }

    private static void assertOneFate(List<TrainingStep> steps) {
        var fates = new HashSet<String>();
        for (var step : steps) {
            step.getRequestIds().forEach(id -> assertThat(fates.add(id)).as(id).isTrue());
            step.getDroppedRequestIds()
                    .forEach(entry -> assertThat(fates.add(entry.split(" ", 2)[0]))
                            .as(entry)
                            .isTrue());
        }
        assertThat(fates)
                .containsAll(requests(cluster.events()).stream()
                        .map(RolloutRequest::getRequestId)
                        .toList());
        assertThat(fates)
                .containsAll(cluster.events().readAll(TopicCatalogue.SCORED_ROLLOUTS).stream()
                        .map(Event::requireValue)
                        .map(ScoredRollout::getRequestId)
                        .toList());
    }

    private static List<TrainingStep> steps(EventLog events) {
        return events.readAll(TopicCatalogue.TRAINING_STEPS).stream()
                .map(Event::requireValue)
                .toList();
    }

    private static List<RolloutRequest> requests(EventLog events) {
        return events.readAll(TopicCatalogue.ROLLOUT_REQUESTS).stream()
                .map(Event::requireValue)
                .toList();
    }

    private static JsonNode state(Path checkpoint) throws IOException {
        return new ObjectMapper().readTree(checkpoint.resolve("state.json").toFile());
    }

    private static List<String> settings(String... own) {
        var settings = new ArrayList<>(List.of("trainer.dynamic-sampling.enabled=true"));
        settings.addAll(List.of(own));
        return settings;
    }

    private static List<String> settings(String name, String prefix, List<String> more) throws IOException {
        var settings = new ArrayList<>(cluster.configSettings());
        settings.addAll(List.of(
                "kafka.topic-prefix=" + prefix,
                "run.id=resumed",
                "run.steps=" + STEPS,
                "run.data-dir=" + folder.resolve(name),
                "artefacts.root=" + folder.resolve(name).resolve("artefacts"),
                "model.policy=" + policy(),
                "data.train=" + prompts(),
                "trainer.group-size=" + OrderlyPipeline.GROUP_SIZE,
                "trainer.threads=1"));
        settings.addAll(more);
        return settings;
    }

    private static Path prompts() throws IOException {
        var file = folder.resolve("prompts.jsonl");
        var lines = IntStream.range(0, PROMPTS)
                .mapToObj(
                        i -> "{\"id\": \"p%1$d\", \"prompt\": \"%1$d+1\", \"answer\": \"1\", \"task\": \"exact-match\"}"
                                .formatted(i))
                .toList();
        return Files.write(file, lines);
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
