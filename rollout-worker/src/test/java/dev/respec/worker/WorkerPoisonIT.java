package dev.respec.worker;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.Safetensors;
import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.CostProfile;
import dev.respec.schemas.RefusedRequest;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.SpeculationSetting;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.schemas.WorkerStatus;
import dev.respec.stage.StageContext;
import dev.respec.topics.Event;
import dev.respec.topics.EventProducer;
import dev.respec.topics.Topic;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What no worker can use is refused, counted and kept as a dead letter; the worker goes on with what it has. */
class WorkerPoisonIT {
    private static final String RUN = "poison";

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    Path directory;

    private @Nullable TinyWorker worker;

    private TinyWorker worker() {
        if (worker == null) {
            worker = new TinyWorker(cluster, directory, RUN);
        }
        return worker;
    }

    @Test
    void shouldGoOnPastEveryPoison() throws IOException {
        StageContext context = worker().start();
        try (EventProducer producer = cluster.events().producer()) {
            // Given what no worker can use
            sendBytes(TopicCatalogue.ROLLOUT_REQUESTS, "poison/none", new byte[] {1, 2, 3});
            sendBytes(TopicCatalogue.WEIGHT_UPDATES, "policy", new byte[] {0, 127, -1, -1, -1, 4, 2});
            RolloutRequest tooLong = worker().request(1);
            tooLong.setPrompt("1".repeat(100));
            producer.sendAndWait(TopicCatalogue.ROLLOUT_REQUESTS, "poison/1", tooLong);
            RolloutRequest empty = worker().request(2);
            empty.setGroupSize(0);
            producer.sendAndWait(TopicCatalogue.ROLLOUT_REQUESTS, "poison/2", empty);
            sendSettingThatIsNone(producer);
            awaitLetter("3 bytes that do not start with 0");
            awaitLetter("the registry has no schema with id 2147483647");
            awaitLetter("leaves no room in a slot");
            // asked again, as after a worker's death, it is known and not kept twice
            producer.sendAndWait(TopicCatalogue.ROLLOUT_REQUESTS, "poison/1", tooLong);
            awaitLetter("request poison/2 has group size 0");
            awaitLetter("draft length 3, branching 1, verified tokens 3: expected");

            // and weights with a wrong checksum, cut off, and of another shape
            var wrong = worker().store("policy/poison/1", worker().weightsFolder());
            wrong.files().forEach(file -> file.setSha256("0".repeat(64)));
            producer.sendAndWait(TopicCatalogue.WEIGHT_UPDATES, "policy", worker().update(1, wrong));
            awaitLetter("weights refused: artefact POLICY version 1");
            var cut = worker().store("policy/poison/2", worker().weightsFolder());
            Path file = Path.of(URI.create(cut.uri())).resolve("model.safetensors");
            Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 500));
            producer.sendAndWait(TopicCatalogue.WEIGHT_UPDATES, "policy", worker().update(2, cut));
            awaitLetter("weights refused: artefact POLICY version 2");
            var foreign = worker().store("policy/poison/3", foreignFolder());
            producer.sendAndWait(TopicCatalogue.WEIGHT_UPDATES, "policy", worker().update(3, foreign));
            awaitLetter("tensor intruder.weight: not part of this");
            assertThat(context.metrics()
                            .counter("respec.weights.refused", "role", "policy")
                            .count())
                    .isEqualTo(3);

            // When
            var good = worker().store("policy/poison/4", worker().weightsFolder());
            producer.sendAndWait(TopicCatalogue.WEIGHT_UPDATES, "policy", worker().update(4, good));
            await().atMost(TinyWorker.PATIENCE).until(() -> !worker().failures().isEmpty() || newestStatus() == 4);
            producer.sendAndWait(TopicCatalogue.ROLLOUT_REQUESTS, "poison/9", worker().request(9));

            // Then
            await().atMost(TinyWorker.PATIENCE)
                    .until(() -> !worker().failures().isEmpty()
                            || worker().rollouts().size() == TinyWorker.GROUP);
        }
        context.stop();
        assertThat(worker().failures()).isEmpty();
        assertThat(cluster.events().readAll(TopicCatalogue.DEAD_LETTERS))
                .extracting(event -> event.requireValue().getReason())
                .filteredOn(reason -> reason.contains("leaves no room in a slot"))
                .hasSize(1);
        List<WorkerStatus> statuses = worker().statuses();
        assertThat(statuses.get(statuses.size() - 1).getRefusedRequests())
                .extracting(RefusedRequest::getRequestId)
                .containsExactly("poison/1", "poison/2");
        assertThat(worker().rollouts())
                .allSatisfy(
                        rollout -> assertThat(rollout.getPolicySpans().get(0).getPolicyVersion())
                                .isEqualTo(4));
    }

    private void awaitLetter(String reason) {
        await().atMost(TinyWorker.PATIENCE)
                .until(() -> !worker().failures().isEmpty()
                        || cluster.events().readAll(TopicCatalogue.DEAD_LETTERS).stream()
                                .anyMatch(event ->
                                        event.requireValue().getReason().contains(reason)));
        assertThat(worker().failures()).isEmpty();
    }

    private static long newestStatus() {
        return cluster.events().readAll(TopicCatalogue.WORKER_STATUS).stream()
                .map(Event::requireValue)
                .filter(status -> status.getRunId().equals(RUN))
                .mapToLong(WorkerStatus::getPolicyVersion)
                .max()
                .orElse(-1);
    }

    private static Optional<Event<CostProfile>> profile() {
        return cluster.events().readAll(TopicCatalogue.COST_PROFILES).stream()
                .filter(event -> event.requireValue().getRunId().equals(RUN))
                .findFirst();
    }

    private void sendSettingThatIsNone(EventProducer producer) {
        var profile = await().atMost(TinyWorker.PATIENCE)
                .until(WorkerPoisonIT::profile, Optional::isPresent)
                .orElseThrow();
        String key = requireNonNull(profile.key());
        var setting = new BatchSetting(8, new SpeculationSetting("off", 3, 1, 3), 1.0, 1.0, "argmax", List.of());
        producer.sendAndWait(
                TopicCatalogue.SD_SETTINGS,
                key,
                SpeculationSettings.newBuilder()
                        .setModelId(worker().config().model().id())
                        .setDeviceClass(profile.requireValue().getDeviceClass())
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
            var unused = raw.send(new ProducerRecord<>(cluster.events().topicName(topic), key, value));
        }
    }

    /** A checkpoint with a tensor that is none of the model's. */
    private Path foreignFolder() {
        Path folder = directory.resolve("foreign");
        Checkpoint policy = worker().policy();
        new Checkpoint(policy.config(), policy.tensors()).write(folder);
        var tensors = new HashMap<String, HostTensor>(policy.tensors());
        tensors.put("intruder.weight", HostTensor.ofFloats(new float[] {1, 2}, 2));
        Safetensors.write(folder.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
        return folder;
    }
}
