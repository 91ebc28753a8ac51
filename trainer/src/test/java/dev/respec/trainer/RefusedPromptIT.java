package dev.respec.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.model.TextTokenizer;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.schemas.RefusedRequest;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.SpeculationSetting;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WorkerState;
import dev.respec.schemas.WorkerStatus;
import dev.respec.stage.StageProcess;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.Event;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import dev.respec.trainer.data.ArithmeticTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Data with a prompt that is longer than a slot: the worker refuses it, and the run goes on to its end without it. */
class RefusedPromptIT {
    private static final int STEPS = 6;
    private static final int GROUPS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String LONG = "1".repeat(400);

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    Path folder;

    @Test
    void shouldGiveUpARefusedPromptOnceAndGoOnToTheEnd() throws Exception {
        // Given four prompts that can be answered and one that cannot, over several epochs
        var data = folder.resolve("data.jsonl");
        var lines = new ArrayList<String>();
        for (int i = 0; i < 4; i++) {
            lines.add("{\"prompt\": \"%d+2?\", \"answer\": \"%d\", \"task\": \"exact-match\"}".formatted(i, i + 2));
        }
        lines.add("{\"prompt\": \"%s\", \"answer\": \"1\", \"task\": \"exact-match\"}".formatted(LONG));
        Files.write(data, lines);
        var ended = new AtomicBoolean();
        var refusing = new Thread(() -> refuseLongPrompts(ended));
        refusing.start();

        // When
        try (var pipeline = new OrderlyPipeline(
                cluster.events(), request -> !request.getPrompt().equals(LONG))) {
            assertThat(StageProcess.run(new TrainerStage(), RespecConfig.load(null, Map.of(), settings(data))))
                    .isZero();
        } finally {
            ended.set(true);
            refusing.join(PATIENCE.toMillis());
        }

        // Then
        assertThat(refusing.isAlive()).isFalse();
        var asked = cluster.events().readAll(TopicCatalogue.ROLLOUT_REQUESTS).stream()
                .map(Event::requireValue)
                .toList();
        assertThat(asked).hasSizeGreaterThan(2 * 5);
        var longOnes = asked.stream()
                .filter(request -> request.getPrompt().equals(LONG))
                .toList();
        assertThat(longOnes)
                .as("in flight before the first refusal was heard of")
                .hasSizeBetween(1, 2)
                .allSatisfy(
                        request -> assertThat(request.getAdmittedAtVersion()).isZero());
        var steps = cluster.events().readAll(TopicCatalogue.TRAINING_STEPS).stream()
                .map(Event::requireValue)
                .toList();
        assertThat(steps).extracting(TrainingStep::getStep).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(steps.stream().flatMap(step -> step.getDroppedRequestIds().stream()))
                .filteredOn(dropped -> dropped.endsWith(" refused"))
                .hasSameSizeAs(longOnes);
        assertThat(steps.get(STEPS - 1).getMetrics().get("prompts_abandoned")).isPositive();
    }

    /** What a worker says about prompts longer than its slots. */
    private static void refuseLongPrompts(AtomicBoolean ended) {
        var refused = new ArrayList<RefusedRequest>();
        try (var requests = cluster.events().consumer(TopicCatalogue.ROLLOUT_REQUESTS, ConsumerMode.fromBeginning());
                EventProducer producer = cluster.events().producer()) {
            while (!ended.get()) {
                requests.poll(Duration.ofMillis(200)).stream()
                        .map(Event::requireValue)
                        .filter(request -> request.getPrompt().equals(LONG))
                        .map(RolloutRequest::getRequestId)
                        .forEach(id -> refused.add(new RefusedRequest(id, "leaves no room in a slot")));
                var unused = producer.send(TopicCatalogue.WORKER_STATUS, "w", status(refused));
            }
        }
    }

    private static WorkerStatus status(List<RefusedRequest> refused) {
        return WorkerStatus.newBuilder()
                .setRunId("refused")
                .setWorkerId("w")
                .setState(WorkerState.READY)
                .setPolicyVersion(0)
                .setDrafterVersion(0)
                .setActiveSequences(0)
                .setWaitingSequences(0)
                .setSetting(new SpeculationSetting("off", 0, 1, 0))
                .setSettingsVersion(0)
                .setTokensPerSecond(0)
                .setEmittedTokens(0)
                .setHeartbeatAt(Instant.now())
                .setIncarnation("1")
                .setRefusedRequests(List.copyOf(refused))
                .build();
    }

    private List<String> settings(Path data) throws IOException {
        var policy = folder.resolve("policy");
        TextTokenizer.writeCharacterTokenizer(policy, ArithmeticTask.CHARACTERS, List.of("<pad>", "<eos>"));
        Checkpoint.random(ModelConfig.qwen2(OrderlyPipeline.VOCABULARY, 32, 64, 2, 4, 2, 768, List.of(1)), 3)
                .write(policy);
        var settings = new ArrayList<>(cluster.configSettings());
        settings.addAll(List.of(
                "run.id=refused",
                "run.steps=" + STEPS,
                "run.data-dir=" + folder.resolve("run"),
                "artefacts.root=" + folder.resolve("artefacts"),
                "model.policy=" + policy,
                "data.train=" + data,
                "trainer.prompts-per-step=" + GROUPS,
                "trainer.group-size=" + OrderlyPipeline.GROUP_SIZE,
                "trainer.threads=1"));
        return settings;
    }
}
