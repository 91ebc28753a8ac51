package dev.respec.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.respec.model.TextTokenizer;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.schemas.PackedArrays;
import dev.respec.schemas.PolicySpan;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.SamplingParameters;
import dev.respec.schemas.WeightFormat;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import dev.respec.stage.ArtefactStore;
import dev.respec.stage.StageContext;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.Event;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class RolloutWorkerIT {
    private static final String RUN = "run-1";
    private static final int GROUP = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    Path directory;

    private final Checkpoint policy =
            Checkpoint.random(ModelConfig.qwen2(7, 16, 32, 8, 2, 1, 96, List.of(1)), 3, 0.4, 1);
    private final Queue<Exception> failures = new ConcurrentLinkedQueue<>();
    private RespecConfig config = RespecConfig.defaults();

    @BeforeEach
    void writePolicy() {
        policy.write(directory.resolve("policy"));
        TextTokenizer.writeCharacterTokenizer(directory.resolve("policy"), "12345", List.of("<pad>", "<eos>"));
        List<String> settings = new ArrayList<>(cluster.configSettings());
        settings.addAll(List.of(
                "run.id=" + RUN,
                "run.data-dir=" + directory.resolve("data"),
                "model.policy=" + directory.resolve("policy"),
                "model.drafter=none",
                "trainer.group-size=" + GROUP,
                "worker.slots=8",
                "worker.capacity=64",
                "worker.threads=1",
                "worker.cost-batches=[1, 4]",
                "worker.statistics-interval=100ms"));
        config = RespecConfig.defaults().withOverrides(settings);
    }

    @Test
    void shouldAnswerEveryRequestAcrossAWorkersDeathAndAdoptNewWeights() {
        try (EventProducer producer = cluster.events().producer()) {
            // Given requests, and a worker that is stopped after its first rollouts
            for (int i = 0; i < 12; i++) {
                producer.sendAndWait(TopicCatalogue.ROLLOUT_REQUESTS, RUN + "/" + i, request(RUN, i));
            }
            producer.sendAndWait(TopicCatalogue.ROLLOUT_REQUESTS, "other/0", request("other", 0));
            StageContext first = start();
            await().atMost(PATIENCE)
                    .until(() -> !failures.isEmpty() || !rollouts().isEmpty());
            first.stop();

            // When another one goes on, with newer weights published meanwhile
            publishPolicy(producer);
            StageContext second = start();
            await().atMost(PATIENCE).until(() -> !failures.isEmpty() || distinct(rollouts()) == 12 * GROUP);
            second.stop();
        }
        assertThat(failures).isEmpty();

        // Then each request has each of its samples, and what each one says of itself holds together
        List<Rollout> rollouts = rollouts();
        for (Rollout rollout : rollouts) {
            int[] response = PackedArrays.toInts(rollout.getResponseTokens());
            assertThat(rollout.getRunId()).isEqualTo(RUN);
            assertThat(PackedArrays.toFloats(rollout.getLogProbabilities())).hasSameSizeAs(response);
            assertThat(rollout.getPolicySpans().stream()
                            .mapToInt(PolicySpan::getTokenCount)
                            .sum())
                    .isEqualTo(response.length);
        }
        assertThat(rollouts.stream()
                        .flatMap(rollout -> rollout.getPolicySpans().stream())
                        .mapToLong(PolicySpan::getPolicyVersion)
                        .max())
                .hasValue(3);
        assertThat(cluster.events().readAll(TopicCatalogue.ACCEPTANCE_STATS)).isNotEmpty();
        assertThat(cluster.events().readAll(TopicCatalogue.COST_PROFILES))
                .allSatisfy(event -> assertThat(event.requireValue().getCosts()).isNotEmpty());
        // and the request of another run is among the dead letters
        assertThat(cluster.events().readAll(TopicCatalogue.DEAD_LETTERS))
                .anySatisfy(
                        event -> assertThat(event.requireValue().getReason()).contains("belongs to run other"));
    }

    private StageContext start() {
        StageContext context = new StageContext(config, cluster.events(), new SimpleMeterRegistry());
        CompletableFuture.runAsync(() -> {
            try {
                new RolloutWorkerStage().run(context);
            } catch (Exception e) {
                failures.add(e);
            }
        });
        return context;
    }

    private static RolloutRequest request(String run, int index) {
        return RolloutRequest.newBuilder()
                .setRunId(run)
                .setRequestId(run + "/" + index)
                .setRequestIndex(index)
                .setPromptId("p" + index)
                .setPrompt(index % 2 == 0 ? "1234" : "52")
                .setGroupSize(GROUP)
                .setSampling(new SamplingParameters(1.0, 1.0, 0, 50))
                .setSeed(100 + index)
                .setTask("exact-match")
                .setAnswer("1")
                .setAdmittedAtVersion(0)
                .setAdmittedAt(Instant.now())
                .build();
    }

    private void publishPolicy(EventProducer producer) {
        var stored = ArtefactStore.of(config).put("policy/3", weightsFolder());
        WeightUpdate update = WeightUpdate.newBuilder()
                .setRunId(RUN)
                .setRole(WeightRole.POLICY)
                .setVersion(3)
                .setBaseVersion(2)
                .setFormat(WeightFormat.FULL)
                .setUri(stored.uri())
                .setFiles(stored.files())
                .setStep(3)
                .setPolicyVersion(3)
                .setSourceOffsets(List.of())
                .setMetrics(Map.of())
                .setPublishedAt(Instant.now())
                .build();
        producer.sendAndWait(TopicCatalogue.WEIGHT_UPDATES, "policy", update);
    }

    private Path weightsFolder() {
        Path folder = directory.resolve("weights");
        new Checkpoint(policy.config(), policy.tensors()).write(folder);
        return folder;
    }

    private static List<Rollout> rollouts() {
        return cluster.events().readAll(TopicCatalogue.ROLLOUTS).stream()
                .map(Event::requireValue)
                .toList();
    }

    private static long distinct(List<Rollout> rollouts) {
        return rollouts.stream().map(Rollout::getRolloutId).distinct().count();
    }
}
