package dev.respec.ops.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RunFollowerIT {
    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @BeforeAll
    static void record() {
        RecordedRun.write(cluster.events());
    }

    @Test
    void shouldFollowEveryTableButThatOfRollouts() {
        assertThat(RunFollower.EFFECTS_FIRST)
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(EnumSet.complementOf(EnumSet.of(QueryTable.ROLLOUTS)));
    }

    @Test
    void shouldReadTheNewestRecordsOfEachTopicOnly() {
        // four partitions: about one record each
        try (RunDatabase database = new RunDatabase();
                RunFollower follower = database.follow(cluster.events(), RecordedRun.RUN, 4)) {
            List<Long> done = new ArrayList<>();
            follower.catchUp((records, total) -> done.add(records));

            assertThat(rows(database, "scores")).isBetween(1L, 4L);
            assertThat(rows(database, "steps")).isEqualTo(2);
            assertThat(done).isSorted().isNotEmpty();
        }
    }

    @Test
    void shouldForgetTheOldestRows() {
        try (RunDatabase database = new RunDatabase();
                RunFollower follower = database.follow(cluster.events(), RecordedRun.RUN, Long.MAX_VALUE)) {
            follower.catchUp((done, total) -> {});
            long[] all = database.numbers("SELECT rowid FROM scores ORDER BY rowid", List.of());
            assertThat(all).hasSize(8);

            database.keepNewest(QueryTable.SCORES, 3);

            assertThat(database.numbers("SELECT rowid FROM scores ORDER BY rowid", List.of()))
                    .containsExactly(all[5], all[6], all[7]);
            database.keepNewest(QueryTable.SCORES, 3);
            assertThat(rows(database, "scores")).isEqualTo(3);
        }
    }

    /** Who looks on writes nothing: the dead letter of a record that does not decode is for the stages to write. */
    @Test
    void shouldLeaveOutWhatDoesNotDecodeAndWriteNoDeadLetter() throws Exception {
        String topic = cluster.events().topicName(TopicCatalogue.TRAINING_STEPS);
        try (var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", cluster.clusterConfig().bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic, new byte[] {1}, new byte[] {7, 7}))
                    .get();
        }
        try (RunDatabase database = new RunDatabase();
                RunFollower follower = database.follow(cluster.events(), RecordedRun.RUN, Long.MAX_VALUE)) {
            follower.catchUp((done, total) -> {});

            assertThat(rows(database, "steps")).isEqualTo(2);
            assertThat(cluster.events().readAll(TopicCatalogue.DEAD_LETTERS)).isEmpty();
        }
    }

    private static long rows(RunDatabase database, String table) {
        return database.number("SELECT count(*) FROM " + table, List.of());
    }
}
