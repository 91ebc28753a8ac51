package dev.respec.topics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.SamplingParameters;
import dev.respec.schemas.registry.RegistryConfig;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class EventQueueIT {
    private static final Topic<RolloutRequest> REQUESTS = TopicCatalogue.ROLLOUT_REQUESTS;
    private static final Duration LOCK = Duration.ofSeconds(5);

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    private static EventProducer producer;

    private final List<EventQueue<RolloutRequest>> queues = new ArrayList<>();

    @BeforeAll
    static void shortenTheLock() throws Exception {
        producer = cluster.events().producer();
        var group = new ConfigResource(
                ConfigResource.Type.GROUP, cluster.clusterConfig().topicPrefix() + TopicCatalogue.WORKER_GROUP);
        var lock = new ConfigEntry("share.record.lock.duration.ms", Long.toString(LOCK.toMillis()));
        try (var admin = cluster.events().admin()) {
            admin.incrementalAlterConfigs(Map.of(group, List.of(new AlterConfigOp(lock, AlterConfigOp.OpType.SET))))
                    .all()
                    .get(10, TimeUnit.SECONDS);
        }
    }

    @AfterAll
    static void closeTheProducer() {
        producer.close();
    }

    @AfterEach
    void emptyTheQueue() {
        queues.forEach(EventQueue::close);
        try (var queue = queue(64)) {
            for (var rest = queue.poll(Duration.ofSeconds(2)); !rest.isEmpty(); ) {
                rest.forEach(queue::accept);
                queue.commit();
                rest = queue.poll(Duration.ofSeconds(1));
            }
        }
    }

    @Test
    void shouldHandOutEachRequestOnceAndNoMoreThanTheCapacity() {
        send("a", 10);
        var queue = queue(4);

        var held = poll(queue, 4);
        assertThat(queue.poll(Duration.ofMillis(500))).isEmpty();
        held.forEach(queue::accept);
        var more = poll(queue, 4);
        more.forEach(queue::accept);
        var last = poll(queue, 2);
        last.forEach(queue::accept);

        var keys = new ArrayList<String>();
        List.of(held, more, last)
                .forEach(
                        events -> events.forEach(event -> keys.add(event.event().key())));
        assertThat(keys).doesNotHaveDuplicates().hasSize(10);
        assertThat(queue.size()).isZero();
    }

    @Test
    void shouldFetchNewRequestsWhileItKeepsOldOnesPastTheirLock() {
        // Given
        send("b-old", 1);
        var queue = queue(3);
        var other = queue(3);
        var old = poll(queue, 1).get(0);

        // When
        long until = System.nanoTime() + LOCK.multipliedBy(2).toNanos();
        int handled = 0;
        while (System.nanoTime() < until) {
            send("b-new-" + handled, 1);
            var fresh = poll(queue, 1);
            fresh.forEach(queue::accept);
            handled += fresh.size();
        }

        // Then
        assertThat(handled).isGreaterThan(1);
        queue.accept(old);
        queue.commit();
        assertThat(other.poll(LOCK.plusSeconds(1))).isEmpty();
    }

    @Test
    void shouldHandOnWhatIsReleased() {
        send("c", 1);
        var first = queue(1);
        var second = queue(1);

        var event = poll(first, 1).get(0);
        assertThat(event.deliveryCount()).isEqualTo(1);
        first.release(event);
        first.commit();
        first.close();

        var again = poll(second, 1).get(0);
        assertThat(again.event().key()).isEqualTo("c-0");
        assertThat(again.deliveryCount()).isEqualTo(2);
        second.accept(again);
    }

    @Test
    void shouldHandOnWhatAHungProcessHoldsWhenTheLockEnds() {
        send("d", 1);
        var hung = queue(1);
        var held = poll(hung, 1).get(0);
        var second = queue(1);

        var again = poll(second, 1).get(0);

        assertThat(again.event().key()).isEqualTo("d-0");
        second.accept(again);
        second.commit();
        hung.keepAlive(); // it wakes up and its renewal is refused
        // its client may have fetched the request once more when the lock ended: at least once is what is promised
        hung.poll(Duration.ofSeconds(1)).forEach(hung::accept);
        hung.accept(held); // what it finishes after all does no harm
        second.close();
        send("d-next", 1);
        var next = poll(hung, 1).get(0);
        assertThat(next.event().key()).isEqualTo("d-next-0");
        hung.accept(next);
    }

    @Test
    void shouldHandOnWhatAClosedProcessHeldAtOnce() {
        send("e", 3);
        var first = queue(3);
        poll(first, 3);
        var second = queue(3);
        second.poll(Duration.ofMillis(500));

        long closed = System.nanoTime();
        first.close();
        var again = poll(second, 3);

        assertThat(Duration.ofNanos(System.nanoTime() - closed)).isLessThan(LOCK);
        again.forEach(second::accept);
    }

    /** Takes one request and keeps it; arguments: bootstrap servers, prefix, registry. */
    public static final class HoldingProcess {
        public static void main(String[] cluster) {
            var config = new ClusterConfig(cluster[0], cluster[1], Map.of(), RegistryConfig.of(cluster[2]));
            var queue = new EventLog(config, "holder").queue(REQUESTS, new QueueConfig(TopicCatalogue.WORKER_GROUP, 1));
            while (true) {
                queue.poll(Duration.ofMillis(100)).forEach(event -> System.out.println("holds"));
            }
        }
    }

    @Test
    void shouldHandOnWhatAKilledProcessHeldBeforeTheLockEnds() throws Exception {
        // Given
        send("g", 1);
        var config = cluster.clusterConfig();
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        HoldingProcess.class.getName(),
                        config.bootstrapServers(),
                        config.topicPrefix(),
                        config.registry().urls().get(0).toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var output = process.inputReader()) {
            assertThat(output.readLine()).isEqualTo("holds");
            var second = queue(1);
            assertThat(second.poll(LOCK.multipliedBy(2))).isEmpty();

            // When
            process.destroyForcibly().waitFor();

            // Then
            var again = poll(second, 1).get(0);
            assertThat(again.event().key()).isEqualTo("g-0");
            assertThat(again.deliveryCount()).isEqualTo(2);
            second.accept(again);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void shouldHaveCommittedWhatWasAcceptedDuringARenewal() {
        send("h", 1);
        var queue = queue(1);
        var other = queue(1);
        var event = poll(queue, 1).get(0);

        queue.renew(event);
        queue.accept(event);
        queue.commit();

        assertThat(other.poll(LOCK.plusSeconds(1))).isEmpty();
    }

    @Test
    void shouldAcceptDuringARenewal() {
        send("f", 2);
        var queue = queue(1);
        var event = poll(queue, 1).get(0);

        queue.renew(event);
        queue.accept(event);
        var next = poll(queue, 1).get(0);

        assertThat(next.event().key()).isEqualTo("f-1");
        queue.accept(next);
        queue.commit();
        assertThat(queue.poll(LOCK.plusSeconds(1))).isEmpty();
    }

    private EventQueue<RolloutRequest> queue(int capacity) {
        var queue = cluster.events().queue(REQUESTS, new QueueConfig(TopicCatalogue.WORKER_GROUP, capacity));
        queues.add(queue);
        return queue;
    }

    private static List<QueuedEvent<RolloutRequest>> poll(EventQueue<RolloutRequest> queue, int count) {
        var events = new ArrayList<QueuedEvent<RolloutRequest>>();
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (events.size() < count && System.nanoTime() < deadline) {
            events.addAll(queue.poll(Duration.ofMillis(200)));
        }
        assertThat(events).hasSize(count);
        return events;
    }

    private static void send(String prefix, int count) {
        for (int i = 0; i < count; i++) {
            producer.sendAndWait(REQUESTS, prefix + "-" + i, request(prefix + "-" + i, i));
        }
    }

    private static RolloutRequest request(String id, int index) {
        return RolloutRequest.newBuilder()
                .setRunId("run")
                .setRequestId(id)
                .setRequestIndex(index)
                .setPromptId("p")
                .setPrompt("1+1=")
                .setGroupSize(8)
                .setSampling(new SamplingParameters(1.0, 1.0, 0, 64))
                .setSeed(5)
                .setTask("arithmetic")
                .setAnswer("2")
                .setAdmittedAtVersion(0)
                .setAdmittedAt(Instant.ofEpochMilli(0))
                .build();
    }
}
