package dev.respec.topics;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.RolloutRequest;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ShareGroupIT {
    private static final Topic<RolloutRequest> REQUESTS = TopicCatalogue.ROLLOUT_REQUESTS;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @Test
    void shouldBeMadeBeforeAnybodyJoinsAndKeepItsPositionWhenProvisionedAgain() throws Exception {
        try (Admin admin = Admin.create(
                        Map.of("bootstrap.servers", cluster.clusterConfig().bootstrapServers()));
                var producer = cluster.events().producer()) {
            var requests = Samples.random(REQUESTS, 4, 1);
            assertThat(start(admin)).isZero();
            for (int i = 0; i < 3; i++) {
                producer.sendAndWait(REQUESTS, "r-" + i, requests.get(i));
            }
            assertThat(take(3)).containsExactly("r-0", "r-1", "r-2");

            cluster.events().provisioner().apply();

            producer.sendAndWait(REQUESTS, "r-3", requests.get(3));
            assertThat(take(1)).containsExactly("r-3");
        }
    }

    private static List<String> take(int count) {
        var keys = new ArrayList<String>();
        try (var queue = cluster.events().queue(REQUESTS, TopicCatalogue.WORKER_GROUP)) {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (keys.size() < count && System.nanoTime() < deadline) {
                queue.poll(Duration.ofMillis(100)).ifPresent(event -> {
                    assertThat(queue.accept()).isTrue();
                    keys.add(event.event().key());
                });
            }
        }
        return keys;
    }

    /** The first request that the group has not dealt with. */
    private static long start(Admin admin) throws Exception {
        var prefix = cluster.clusterConfig().topicPrefix();
        var group = prefix + TopicCatalogue.WORKER_GROUP;
        var offsets = admin.listShareGroupOffsets(Map.of(group, new ListShareGroupOffsetsSpec()))
                .partitionsToOffsetInfo(group)
                .get(10, TimeUnit.SECONDS);
        return requireNonNull(offsets.get(new TopicPartition(prefix + REQUESTS.name(), 0)), "the group has an offset")
                .startOffset();
    }
}
