package dev.respec.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.TrustedEvents;
import dev.respec.schemas.registry.RegistryConfig;
import dev.respec.topics.embedded.EmbeddedCluster;
import dev.respec.topics.embedded.SampleEvents;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

class EventQueueIT {
    static {
        TrustedEvents.trust(); // builders fill in defaults
    }

    private static final Topic<RolloutRequest> REQUESTS = TopicCatalogue.ROLLOUT_REQUESTS;
    private static final Duration LOCK = Duration.ofSeconds(3);
    private static final Duration SHORT = Duration.ofMillis(300);

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
        try (var queue = cluster.events().queue(REQUESTS, TopicCatalogue.WORKER_GROUP)) {
            for (var rest = queue.poll(Duration.ofSeconds(1)); rest.isPresent(); ) {
                queue.accept();
                rest = queue.poll(Duration.ofSeconds(1));
            }
        }
    }

    @Test
    void shouldHandOutEachRequestOnceAmongSeveralProcesses() {
        var first = queue();
        var second = queue();
        send("a", 20);

        var keys = new ArrayList<String>();
        for (int i = 0; keys.size() < 20 && i < 600; i++) {
            var queue = i % 2 == 0 ? first : second;
            queue.poll(Duration.ofMillis(100)).ifPresent(event -> {
                assertThat(queue.accept()).isTrue();
                assertThat(event.deliveryCount()).isEqualTo(1);
                keys.add(event.event().key());
            });
        }

        assertThat(keys).doesNotHaveDuplicates().hasSize(20);
    }

    @Test
    void shouldNotBePolledWhileAnEventIsNeitherAcceptedNorReleased() {
        send("b", 1);
        var queue = queue();
        take(queue);

        assertThatIllegalStateException().isThrownBy(() -> queue.poll(Duration.ZERO));
        assertThat(queue.accept()).isTrue();
        assertThatIllegalStateException().isThrownBy(queue::accept);
    }

    @Test
    void shouldHandOnWhatIsReleased() {
        send("c", 1);
        var first = queue();
        var second = queue();

        assertThat(take(first).deliveryCount()).isEqualTo(1);
        first.release();

        var again = take(second);
        assertThat(again.event().key()).isEqualTo("c-0");
        assertThat(again.deliveryCount()).isEqualTo(2);
        assertThat(second.accept()).isTrue();
    }

    @Test
    void shouldRefuseAnAcceptanceThatComesAfterTheLock() {
        send("d", 1);
        var slow = queue();
        take(slow);
        var second = queue();

        var again = take(second);

        assertThat(again.event().key()).isEqualTo("d-0");
        assertThat(second.accept()).isTrue();
        assertThat(slow.accept()).isFalse();
    }

    @Test
    @Timeout(120)
    void shouldFetchNothingWhileItIsQuiet() {
        // Given a queue that found nothing for a while: its fetch stays open
        var full = queue();
        assertThat(full.quiet()).isTrue();
        full.poll(SHORT);
        assertThat(full.quiet()).isFalse();

        // When what came last arrived in the middle of a poll, it is quiet, and from now on nobody polls it
        boolean accepted = true;
        for (int i = 0; !accepted || !full.quiet(); i++) {
            if (accepted) {
                int next = i;
                CompletableFuture.delayedExecutor(SHORT.toMillis() / 2, TimeUnit.MILLISECONDS)
                        .execute(() -> send("e-first-" + next, 1));
            }
            take(full);
            accepted = full.accept();
        }
        var other = queue();
        other.poll(SHORT);
        send("e", 20);

        // Then the other process gets everything, and nothing of it for the second time after a lock
        for (int i = 0; i < 20; i++) {
            assertThat(take(other).deliveryCount()).isEqualTo(1);
            assertThat(other.accept()).isTrue();
        }
    }

    /** Takes one request and neither accepts nor releases it; arguments: bootstrap servers, prefix, registry. */
    public static final class HoldingProcess {
        public static void main(String[] cluster) throws InterruptedException {
            var config = new ClusterConfig(cluster[0], cluster[1], Map.of(), RegistryConfig.of(cluster[2]));
            var queue = new EventLog(config, "holder").queue(REQUESTS, TopicCatalogue.WORKER_GROUP);
            var event = queue.poll(Duration.ofSeconds(60));
            System.out.println(event.isPresent() ? "holds" : "nothing came");
            Thread.sleep(60_000);
        }
    }

    @Test
    void shouldHandOnWhatAKilledProcessHadNotAcceptedBeforeTheLockEnds() throws Exception {
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
            long killed = System.nanoTime();
            process.destroyForcibly().waitFor();

            var second = queue();
            assertThat(take(second).event().key()).isEqualTo("g-0");
            assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(LOCK);
            assertThat(second.accept()).isTrue();
        } finally {
            process.destroyForcibly();
        }
    }

    private EventQueue<RolloutRequest> queue() {
        EventQueue<RolloutRequest> queue = cluster.events().queue(REQUESTS, TopicCatalogue.WORKER_GROUP);
        queues.add(queue);
        return queue;
    }

    private static QueuedEvent<RolloutRequest> take(EventQueue<RolloutRequest> queue) {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (System.nanoTime() < deadline) {
            var event = queue.poll(Duration.ofMillis(200));
            if (event.isPresent()) {
                return event.get();
            }
        }
        throw new AssertionError("nothing came");
    }

    private static void send(String prefix, int count) {
        for (int i = 0; i < count; i++) {
            producer.sendAndWait(REQUESTS, prefix + "-" + i, request(prefix + "-" + i, i));
        }
    }

    private static RolloutRequest request(String id, int index) {
        return SampleEvents.request(id, index).build();
    }
}
