package dev.respec.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.respec.schemas.WorkerStatus;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EventLogIT {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Topic<WorkerStatus> STATUS = TopicCatalogue.WORKER_STATUS;

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @Test
    void shouldHaveNothingToDoWhenProvisionedAlready() {
        await().untilAsserted(
                        () -> assertThat(cluster.events().provisioner().plan()).isEmpty());
    }

    @Test
    void shouldPlanEveryTopicGroupAndSubjectOfANewInstallation() {
        // Given
        var config = cluster.clusterConfig();
        var other = new ClusterConfig(config.bootstrapServers(), "other-", Map.of(), config.registry());
        try (var events = new EventLog(other, "test")) {
            // When
            var plan = events.provisioner().plan();
            events.provisioner().apply();

            // Then
            assertThat(plan)
                    .filteredOn(line -> line.startsWith("create topic other-"))
                    .hasSize(TopicCatalogue.all().size());
            assertThat(plan)
                    .filteredOn(line -> line.startsWith("set compatibility of subject other-"))
                    .hasSize(TopicCatalogue.all().size());
            assertThat(plan)
                    .filteredOn(line -> line.startsWith("register schema dev.respec.schemas."))
                    .hasSize(TopicCatalogue.all().size());
            assertThat(plan)
                    .filteredOn(line -> line.startsWith("set on share group other-rollout-workers"))
                    .hasSize(1);
            // a group's configuration is visible a moment after the broker has taken it
            await().untilAsserted(() -> assertThat(events.provisioner().plan()).isEmpty());
        }
    }

    static List<Topic<?>> topics() {
        return TopicCatalogue.all();
    }

    @ParameterizedTest
    @MethodSource("topics")
    <V extends SpecificRecord> void shouldReadBackWhatWasWritten(Topic<V> topic) {
        // Given
        var written = Samples.random(topic, 20, 7);

        // When
        try (var producer = cluster.events().producer()) {
            for (int i = 0; i < written.size(); i++) {
                producer.sendAndWait(topic, "random-" + i, written.get(i));
            }
        }

        // Then
        var read = cluster.events().readAll(topic).stream()
                .filter(event -> String.valueOf(event.key()).startsWith("random-"))
                .toList();
        assertThat(read).extracting(Event::value).containsExactlyInAnyOrderElementsOf(written);
        assertThat(read).extracting(Event::key).contains("random-0", "random-19");
    }

    @Test
    void shouldShowATransactionOnlyWhenItIsCommitted() {
        try (var consumer = cluster.events().consumer(STATUS, ConsumerMode.fromEnd());
                var aborting = cluster.events().transactionalProducer("aborted");
                var producer = cluster.events().transactionalProducer("visible")) {
            aborting.begin();
            aborting.sendAndWait(STATUS, "aborted", Samples.status("aborted"));
            aborting.close();
            producer.begin();
            producer.sendAndWait(STATUS, "committed", Samples.status("committed"));
            assertThat(consumer.poll(SECOND)).isEmpty();

            producer.commit();

            assertThat(consumer.poll(SECOND.multipliedBy(5)))
                    .extracting(Event::key)
                    .containsExactly("committed");
        }
    }

    @Test
    void shouldBringEventsTogetherThatNobodyWaitsFor() {
        try (var consumer = cluster.events().batchingConsumer(STATUS, ConsumerMode.fromEnd());
                var producer = cluster.events().producer()) {
            for (int i = 0; i < 5; i++) {
                producer.sendAndWait(STATUS, "batched-" + i, Samples.status("batched"));
            }

            // far less than a batch: the broker answers when half a second has passed
            assertThat(consumer.poll(SECOND.multipliedBy(5)))
                    .extracting(Event::key)
                    .containsExactly("batched-0", "batched-1", "batched-2", "batched-3", "batched-4");
        }
    }

    @Test
    void shouldFenceTheProducerBeforeWithTheSameTransactionalId() {
        try (var before = cluster.events().transactionalProducer("fenced")) {
            before.begin();
            var unused = before.send(STATUS, "lost", Samples.status("lost"));

            try (var after = cluster.events().transactionalProducer("fenced")) {
                after.begin();
                after.commit();
            }

            assertThatThrownBy(before::commit).isInstanceOf(KafkaException.class);
        }
        assertThat(cluster.events().readAll(STATUS)).extracting(Event::key).doesNotContain("lost");
    }

    @Test
    void shouldSendWhatDoesNotDecodeToTheDeadLettersAndGoOn() {
        // Given
        var garbage = "not avro".getBytes(StandardCharsets.UTF_8);
        long lettersBefore = cluster.events().deadLetters().count();
        try (var consumer = cluster.events().consumer(STATUS, ConsumerMode.fromEnd());
                var producer = cluster.events().producer()) {
            // When
            sendBytes(STATUS, "broken", garbage);
            producer.sendAndWait(STATUS, "whole", Samples.status("whole"));

            // Then
            assertThat(pollUntil(consumer, 1)).extracting(Event::key).containsExactly("whole");
        }
        assertThat(cluster.events().deadLetters().count()).isEqualTo(lettersBefore + 1);
        assertThat(cluster.events().readAll(TopicCatalogue.DEAD_LETTERS))
                .filteredOn(event -> "broken".equals(event.key()))
                .singleElement()
                .satisfies(event -> {
                    var letter = event.requireValue();
                    assertThat(letter.getOriginTopic())
                            .isEqualTo(cluster.events().topicName(STATUS));
                    assertThat(letter.getOriginValue()).isEqualTo(ByteBuffer.wrap(garbage));
                    assertThat(letter.getReason()).contains("WorkerStatus", "8 bytes");
                    assertThat(letter.getStage()).isEqualTo("test");
                });
    }

    @Test
    void shouldContinueAtGivenOffsets() {
        try (var producer = cluster.events().producer()) {
            var first = producer.sendAndWait(STATUS, "first", Samples.status("first"));
            producer.sendAndWait(STATUS, "second", Samples.status("second"));

            try (var consumer = cluster.events()
                    .consumer(STATUS, ConsumerMode.fromOffsets(Map.of(first.partition(), first.offset() + 1)))) {
                assertThat(pollUntil(consumer, 1).get(0).key()).isEqualTo("second");
                assertThat(consumer.positions()).isEqualTo(consumer.endOffsets());
                consumer.seek(Map.of(first.partition(), first.offset()));
                assertThat(pollUntil(consumer, 1).get(0).key()).isEqualTo("first");
            }
        }
    }

    @Test
    void shouldRefuseOffsetsThatAreNotThere() {
        try (var consumer = cluster.events().consumer(STATUS, ConsumerMode.fromOffsets(Map.of(0, 1_000_000L)))) {
            assertThatThrownBy(() -> pollUntil(consumer, 1)).isInstanceOf(OffsetOutOfRangeException.class);
        }
    }

    @Test
    void shouldNameATopicThatDoesNotExist() {
        var config = cluster.clusterConfig();
        var empty = new ClusterConfig(config.bootstrapServers(), "empty-", Map.of(), config.registry());
        try (var events = new EventLog(empty, "test")) {
            assertThatThrownBy(() -> events.consumer(STATUS, ConsumerMode.fromBeginning()))
                    .hasMessage("topic empty-worker-status does not exist: create it with 'respec topics apply'");
            assertThatThrownBy(() -> events.verifyProvisioned(TopicCatalogue.all()))
                    .isInstanceOf(ClusterUnreachableException.class)
                    .hasMessageContaining("empty-rollouts")
                    .hasMessageEndingWith(": create them with 'respec topics apply'");
        }
    }

    @Test
    void shouldLetTheInstallationsPropertiesWin() {
        var config = cluster.clusterConfig();
        var properties = Map.of("consumer.max.poll.records", "1", "client.id", "mine");
        var mine = new ClusterConfig(config.bootstrapServers(), config.topicPrefix(), properties, config.registry());
        try (var events = new EventLog(mine, "test");
                var consumer = events.consumer(STATUS, ConsumerMode.fromEnd());
                var producer = events.producer()) {
            producer.sendAndWait(STATUS, "one", Samples.status("one"));
            producer.sendAndWait(STATUS, "two", Samples.status("two"));

            assertThat(pollUntil(consumer, 1)).hasSize(1);
        }
    }

    private static <V extends SpecificRecord> List<Event<V>> pollUntil(EventConsumer<V> consumer, int count) {
        var events = new ArrayList<Event<V>>();
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (events.size() < count && System.nanoTime() < deadline) {
            events.addAll(consumer.poll(SECOND));
        }
        return events;
    }

    private static void sendBytes(Topic<?> topic, String key, byte[] value) {
        var settings = Map.<String, Object>of(
                "bootstrap.servers", cluster.clusterConfig().bootstrapServers());
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            var unused = producer.send(new ProducerRecord<>(
                    cluster.events().topicName(topic), key.getBytes(StandardCharsets.UTF_8), value));
        }
    }
}
