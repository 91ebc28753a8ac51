package dev.respec.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.WorkerStatus;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** 60 scored rollouts over four partitions, one per second, and a worker's status every five. */
class RecordedLogIT {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final List<Topic<?>> BOTH = List.of(TopicCatalogue.WORKER_STATUS, TopicCatalogue.SCORED_ROLLOUTS);

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @BeforeAll
    static void write() {
        var scored = Samples.random(TopicCatalogue.SCORED_ROLLOUTS, 60, 11);
        try (var producer = cluster.events().transactionalProducer("recorded")) {
            producer.begin();
            for (int second = 0; second < 60; second++) {
                producer.resend(TopicCatalogue.SCORED_ROLLOUTS, at(second, "r" + second, scored.get(second)));
                if (second % 5 == 0) {
                    producer.resend(TopicCatalogue.WORKER_STATUS, at(second, "w", Samples.status("w" + second)));
                }
            }
            producer.commit();
            producer.begin();
            producer.resend(TopicCatalogue.SCORED_ROLLOUTS, at(60, "aborted", scored.get(0)));
        } // aborts the open transaction
    }

    @Test
    void shouldMergeTopicsByTimeAndLeaveOutWhatWasAborted() {
        // When
        var read = read(BOTH, LogRange.all());

        // Then
        assertThat(read).hasSize(72);
        assertThat(read).extracting(Event::timestamp).isSorted();
        assertThat(read.stream().filter(event -> event.value() instanceof ScoredRollout))
                .extracting(Event::key)
                .containsExactly(
                        IntStream.range(0, 60).mapToObj(second -> "r" + second).toArray(String[]::new));
        assertThat(read.stream().filter(event -> event.value() instanceof WorkerStatus))
                .hasSize(12);
    }

    @Test
    void shouldReadTheSameTwice() {
        assertThat(read(BOTH, LogRange.all())).isEqualTo(read(BOTH, LogRange.all()));
    }

    @Test
    void shouldKeepToTimes() {
        var range = new LogRange(null, null, null, START.plusSeconds(10), START.plusSeconds(20));
        assertThat(read(List.of(TopicCatalogue.SCORED_ROLLOUTS), range))
                .extracting(Event::key)
                .containsExactly("r10", "r11", "r12", "r13", "r14", "r15", "r16", "r17", "r18", "r19");
        var later = new LogRange(null, null, null, START.plusSeconds(1000), null);
        assertThat(read(BOTH, later)).isEmpty();
    }

    @Test
    void shouldKeepToOffsetsOfEachPartition() {
        var range = new LogRange(null, 2L, 5L, null, null);
        var byPartition = new TreeMap<Integer, List<Long>>();
        for (var event : read(List.of(TopicCatalogue.SCORED_ROLLOUTS), range)) {
            byPartition
                    .computeIfAbsent(event.partition(), key -> new ArrayList<>())
                    .add(event.offset());
        }
        assertThat(byPartition)
                .isEqualTo(Map.of(
                        0,
                        List.of(2L, 3L, 4L),
                        1,
                        List.of(2L, 3L, 4L),
                        2,
                        List.of(2L, 3L, 4L),
                        3,
                        List.of(2L, 3L, 4L)));
        var one = new LogRange(1, 0L, 1L, null, null);
        assertThat(read(List.of(TopicCatalogue.SCORED_ROLLOUTS), one))
                .singleElement()
                .satisfies(event -> assertThat(event.partition()).isEqualTo(1));
    }

    @Test
    void shouldEndWithAllDone() {
        try (var log = cluster.events().recorded(BOTH, LogRange.all())) {
            assertThat(log.done()).isZero();
            while (log.next().isPresent()) {
                assertThat(log.done()).isBetween(0L, log.total());
            }
            assertThat(log.done()).isEqualTo(log.total());
        }
    }

    @Test
    void shouldNameATopicThatIsNotThere() {
        var config = cluster.clusterConfig();
        var nowhere = new ClusterConfig(config.bootstrapServers(), "nowhere-", Map.of(), config.registry());
        try (var events = new EventLog(nowhere, "test")) {
            assertThatThrownBy(() -> events.recorded(BOTH, LogRange.all()))
                    .isInstanceOf(ClusterUnreachableException.class)
                    .hasMessage("topic nowhere-worker-status does not exist: create it with 'respec topics apply'");
        }
    }

    private static <V> Event<V> at(int second, String key, V value) {
        return new Event<>("", 0, 0, START.plusSeconds(second), key, value);
    }

    private static List<Event<?>> read(List<Topic<?>> topics, LogRange range) {
        var events = new ArrayList<Event<?>>();
        try (var log = cluster.events().recorded(topics, range)) {
            for (var next = log.next(); next.isPresent(); next = log.next()) {
                events.add(next.get().event());
            }
        }
        return events;
    }
}
