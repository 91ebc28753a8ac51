package dev.respec.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.GroupStatus;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.ScoredRollout;
import dev.respec.stage.RunningStage;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.Event;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class RewardScorerIT {
    private static final int GROUP_SIZE = 4;
    private static final int GROUPS = 60;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** The request that stays incomplete. */
    private static final String LAST = "exact/last";

    @RegisterExtension
    static final EmbeddedCluster CLUSTER = new EmbeddedCluster();

    @TempDir
    private Path folder;

    /** With a state folder of its own. */
    private RunningStage scorer(String name) {
        var settings = new ArrayList<>(CLUSTER.configSettings());
        settings.addAll(List.of(
                "run.id=run",
                "scorer.reward-threads=1",
                "scorer.group-timeout=8s",
                "scorer.state-dir=" + folder.resolve(name)));
        return new RunningStage(new RewardScorerStage(), RespecConfig.load(null, Map.of(), settings)).awaitReady();
    }

    private static Rollout rollout(String requestId, int sample) {
        return Rollouts.aRollout()
                .sample(requestId, sample, GROUP_SIZE)
                .withResponse(sample % 2 == 0 ? "#3" : "#4")
                .build();
    }

    @Test
    void shouldScoreEveryRolloutExactlyOnceAcrossRestarts() throws Exception {
        long seed = Long.getLong("respec.seed", 17);
        System.out.println("seed " + seed);
        var random = new Random(seed);
        try (var producer = CLUSTER.events().producer()) {
            // A scorer that is stopped in the middle, and its successor with an empty state folder.
            try (var first = scorer("first")) {
                sendWithDuplicates(producer, 0, GROUPS / 2, random);
                Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> !scored().isEmpty());
            }
            sendWithDuplicates(producer, GROUPS / 4, GROUPS, random);
            try (var second = scorer("second")) {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .untilAsserted(() -> assertThat(scored()).hasSizeGreaterThanOrEqualTo(GROUPS * GROUP_SIZE));
                sendWithDuplicates(producer, 0, GROUPS, random);
                producer.sendAndWait(TopicCatalogue.ROLLOUTS, LAST, rollout(LAST, 1));
                Awaitility.await()
                        .atMost(Duration.ofSeconds(30))
                        .until(() ->
                                scored().stream().anyMatch(event -> value(event).getRollout() == null));
            }
        }
        assertEveryRolloutOnceAndGroupsContiguous();
    }

    private void sendWithDuplicates(EventProducer producer, int from, int to, Random random) {
        for (int request = from; request < to; request++) {
            String requestId = "exact/" + request;
            for (int sample = 0; sample < GROUP_SIZE; sample++) {
                for (int copy = random.nextInt(2); copy >= 0; copy--) {
                    var unused = producer.send(TopicCatalogue.ROLLOUTS, requestId, rollout(requestId, sample));
                }
            }
            // One group more, so that every sample is there at least once whatever the draw.
            for (int sample = GROUP_SIZE - 1; sample >= 0; sample--) {
                var unused = producer.send(TopicCatalogue.ROLLOUTS, requestId, rollout(requestId, sample));
            }
        }
        producer.flush();
    }

    private static ScoredRollout value(Event<ScoredRollout> event) {
        return Objects.requireNonNull(event.value());
    }

    private static List<Event<ScoredRollout>> scored() {
        return CLUSTER.events().readAll(TopicCatalogue.SCORED_ROLLOUTS).stream()
                .filter(event -> value(event).getRequestId().startsWith("exact/"))
                .toList();
    }

    private static void assertEveryRolloutOnceAndGroupsContiguous() {
        var counts = new HashMap<String, Integer>();
        var byPartition = new TreeMap<Integer, TreeMap<Long, ScoredRollout>>();
        for (Event<ScoredRollout> event : scored()) {
            ScoredRollout value = value(event);
            if (value.getGroup().getStatus() == GroupStatus.COMPLETE) {
                counts.merge(value.getRollout().getRolloutId(), 1, Integer::sum);
                byPartition
                        .computeIfAbsent(event.partition(), partition -> new TreeMap<>())
                        .put(event.offset(), value);
            } else {
                assertThat(value.getRequestId()).isEqualTo(LAST);
            }
        }
        assertThat(counts).hasSize(GROUPS * GROUP_SIZE);
        assertThat(counts.values()).containsOnly(1);
        byPartition.values().forEach(records -> {
            var inOrder = List.copyOf(records.values());
            for (int i = 0; i < inOrder.size(); i++) {
                assertThat(inOrder.get(i).getRollout().getSampleIndex()).isEqualTo(i % GROUP_SIZE);
                assertThat(inOrder.get(i).getRequestId())
                        .isEqualTo(inOrder.get(i - i % GROUP_SIZE).getRequestId());
            }
        });
        var incomplete = scored().stream()
                .map(RewardScorerIT::value)
                .filter(value -> value.getGroup().getStatus() == GroupStatus.INCOMPLETE)
                .toList();
        assertThat(incomplete).hasSize(2);
        assertThat(incomplete.get(1).getMissingSamples()).containsExactly(0, 2, 3);
    }

    @Test
    void shouldScoreWithoutWaitingForMoreWork() throws Exception {
        try (var producer = CLUSTER.events().producer();
                var scorer = scorer("latency")) {
            var consumer = CLUSTER.events().consumer(TopicCatalogue.SCORED_ROLLOUTS, ConsumerMode.fromEnd());
            try (consumer) {
                var latencies = new ArrayList<Long>();
                for (int i = 0; i < 20; i++) {
                    String requestId = "latency/" + i;
                    long start = System.nanoTime();
                    for (int sample = 0; sample < GROUP_SIZE; sample++) {
                        var unused = producer.send(TopicCatalogue.ROLLOUTS, requestId, rollout(requestId, sample));
                    }
                    int seen = 0;
                    while (seen < GROUP_SIZE) {
                        assertThat(System.nanoTime() - start)
                                .as("waits for scores")
                                .isLessThan(PATIENCE.toNanos());
                        seen += consumer.poll(Duration.ofMillis(50)).size();
                    }
                    latencies.add((System.nanoTime() - start) / 1_000_000);
                }
                latencies.sort(null);
                System.out.println("latency ms, ascending: " + latencies);
                assertThat(latencies.get(latencies.size() / 2)).isLessThan(10_000);
            }
        }
    }
}
