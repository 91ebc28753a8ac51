package dev.respec.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.respec.model.TextTokenizer;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.checkpoint.Safetensors;
import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.PackedArrays;
import dev.respec.schemas.PolicySpan;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.SamplingParameters;
import dev.respec.schemas.SpeculationSetting;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.schemas.WeightFormat;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import dev.respec.schemas.WorkerStatus;
import dev.respec.stage.ArtefactStore;
import dev.respec.stage.StageContext;
import dev.respec.stage.StoredArtefact;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.Event;
import dev.respec.topics.EventProducer;
import dev.respec.topics.Topic;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
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
                    .until(() -> !failures.isEmpty() || !ofRun(RUN).isEmpty());
            first.stop();

            // When another one goes on, with newer weights published meanwhile
            publishPolicy(producer);
            StageContext second = start();
            await().atMost(PATIENCE).until(() -> !failures.isEmpty() || distinct(ofRun(RUN)) == 12 * GROUP);
            second.stop();
        }
        assertThat(failures).isEmpty();

        // Then each request has each of its samples, and what each one says of itself holds together
        List<Rollout> rollouts = ofRun(RUN);
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

    @Test
    void shouldGoOnPastEveryPoison() throws IOException {
        config = config.withOverrides(List.of("run.id=poison"));
        StageContext context = start();
        try (EventProducer producer = cluster.events().producer()) {
            // Given what no worker can use
            sendBytes(TopicCatalogue.ROLLOUT_REQUESTS, "poison/none", new byte[] {1, 2, 3});
            sendBytes(TopicCatalogue.WEIGHT_UPDATES, "policy", new byte[] {0, 127, -1, -1, -1, 4, 2});
            RolloutRequest tooLong = request("poison", 1);
            tooLong.setPrompt("1".repeat(100));
            producer.sendAndWait(TopicCatalogue.ROLLOUT_REQUESTS, "poison/1", tooLong);
            RolloutRequest empty = request("poison", 2);
            empty.setGroupSize(0);
            producer.sendAndWait(TopicCatalogue.ROLLOUT_REQUESTS, "poison/2", empty);
            sendSettingThatIsNone(producer);
            awaitLetter("3 bytes that do not start with 0");
            awaitLetter("the registry has no schema with id 2147483647");
            awaitLetter("leaves no room in a slot");
            awaitLetter("request poison/2 has group size 0");
            awaitLetter("no such setting");

            // and weights with a wrong checksum, cut off, and of another shape
            var wrong = ArtefactStore.of(config).put("policy/poison/1", weightsFolder());
            wrong.files().forEach(file -> file.setSha256("0".repeat(64)));
            producer.sendAndWait(TopicCatalogue.WEIGHT_UPDATES, "policy", update("poison", 1, wrong));
            awaitLetter("weights refused: artefact POLICY version 1");
            var cut = ArtefactStore.of(config).put("policy/poison/2", weightsFolder());
            Path file = Path.of(URI.create(cut.uri())).resolve("model.safetensors");
            Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 500));
            producer.sendAndWait(TopicCatalogue.WEIGHT_UPDATES, "policy", update("poison", 2, cut));
            awaitLetter("weights refused: artefact POLICY version 2");
            var foreign = ArtefactStore.of(config).put("policy/poison/3", foreignFolder());
            producer.sendAndWait(TopicCatalogue.WEIGHT_UPDATES, "policy", update("poison", 3, foreign));
            awaitLetter("tensor intruder.weight: not part of this");
            assertThat(context.metrics()
                            .counter("respec.weights.refused", "role", "policy")
                            .count())
                    .isEqualTo(3);

            // When
            var good = ArtefactStore.of(config).put("policy/poison/4", weightsFolder());
            producer.sendAndWait(TopicCatalogue.WEIGHT_UPDATES, "policy", update("poison", 4, good));
            await().atMost(PATIENCE).until(() -> !failures.isEmpty() || newestStatus("poison") == 4);
            producer.sendAndWait(TopicCatalogue.ROLLOUT_REQUESTS, "poison/9", request("poison", 9));

            // Then
            await().atMost(PATIENCE)
                    .until(() -> !failures.isEmpty() || ofRun("poison").size() == GROUP);
        }
        context.stop();
        assertThat(failures).isEmpty();
        assertThat(ofRun("poison"))
                .allSatisfy(
                        rollout -> assertThat(rollout.getPolicySpans().get(0).getPolicyVersion())
                                .isEqualTo(4));
    }

    private void awaitLetter(String reason) {
        await().atMost(PATIENCE)
                .until(() -> !failures.isEmpty()
                        || cluster.events().readAll(TopicCatalogue.DEAD_LETTERS).stream()
                                .anyMatch(event ->
                                        event.requireValue().getReason().contains(reason)));
        assertThat(failures).isEmpty();
    }

    private static long newestStatus(String run) {
        return cluster.events().readAll(TopicCatalogue.WORKER_STATUS).stream()
                .map(Event::requireValue)
                .filter(status -> status.getRunId().equals(run))
                .mapToLong(WorkerStatus::getPolicyVersion)
                .max()
                .orElse(-1);
    }

    private static List<Rollout> ofRun(String run) {
        return rollouts().stream()
                .filter(rollout -> rollout.getRunId().equals(run))
                .toList();
    }

    private void sendSettingThatIsNone(EventProducer producer) {
        String key = config.model().id() + "/" + DeviceClass.device(1);
        var setting = new BatchSetting(8, new SpeculationSetting("off", 3, 1, 3), 1.0, 1.0, "argmax");
        producer.sendAndWait(
                TopicCatalogue.SD_SETTINGS,
                key,
                SpeculationSettings.newBuilder()
                        .setModelId(config.model().id())
                        .setDeviceClass(DeviceClass.device(1))
                        .setVersion(1)
                        .setTable(List.of(setting))
                        .setDecidedAt(Instant.now())
                        .build());
    }

    private static void sendBytes(Topic<?> topic, String key, byte[] value) {
        try (var raw = new KafkaProducer<>(
                Map.<String, Object>of(
                        "bootstrap.servers", cluster.clusterConfig().bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer())) {
            raw.send(new ProducerRecord<>(cluster.events().topicName(topic), key, value));
        }
    }

    /** A checkpoint with a tensor that is none of the model's. */
    private Path foreignFolder() {
        Path folder = directory.resolve("foreign");
        new Checkpoint(policy.config(), policy.tensors()).write(folder);
        var tensors = new HashMap<String, HostTensor>(policy.tensors());
        tensors.put("intruder.weight", HostTensor.ofFloats(new float[] {1, 2}, 2));
        Safetensors.write(folder.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
        return folder;
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
        producer.sendAndWait(TopicCatalogue.WEIGHT_UPDATES, "policy", update(RUN, 3, stored));
    }

    private static WeightUpdate update(String run, long version, StoredArtefact stored) {
        return WeightUpdate.newBuilder()
                .setRunId(run)
                .setRole(WeightRole.POLICY)
                .setVersion(version)
                .setBaseVersion(version - 1)
                .setFormat(WeightFormat.FULL)
                .setUri(stored.uri())
                .setFiles(stored.files())
                .setStep(version)
                .setPolicyVersion(version)
                .setSourceOffsets(List.of())
                .setMetrics(Map.of())
                .setPublishedAt(Instant.now())
                .build();
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
