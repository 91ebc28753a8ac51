package dev.respec.ops.replay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.ops.cluster.RunAccess.OpenRun;
import dev.respec.ops.replay.RunExport.Format;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.registry.SchemaRegistryClient;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.Event;
import dev.respec.topics.EventLog;
import dev.respec.topics.LogRange;
import dev.respec.topics.Topic;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A run recorded before rollouts had origins, read by this version. */
class OldRolloutsIT {
    private static final TokenText NO_TEXT = new TokenText(null);
    private static final int RECORDED = 8;

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    Path folder;

    /** The records of {@link RecordedRun}, in the schemas of the version before. */
    @BeforeAll
    static void record() throws Exception {
        List<SpecificRecord> scored = new ArrayList<>();
        for (int request = 0; request < RECORDED / 2; request++) {
            scored.add(RecordedRun.scoredRollout(request, 0));
            scored.add(RecordedRun.scoredRollout(request, 1));
        }
        List<SpecificRecord> rollouts = scored.stream()
                .map(each -> (SpecificRecord) ((ScoredRollout) each).getRollout())
                .toList();
        write(TopicCatalogue.ROLLOUTS, "Rollout.2", rollouts);
        write(TopicCatalogue.SCORED_ROLLOUTS, "ScoredRollout.2", scored);
    }

    @Test
    void shouldReadThemWithoutOrigins() {
        assertThat(cluster.events().readAll(TopicCatalogue.ROLLOUTS))
                .hasSize(RECORDED)
                .extracting(Event::requireValue)
                .allSatisfy(rollout -> assertThat(rollout.getOriginSpans()).isEmpty());
        assertThat(cluster.events().readAll(TopicCatalogue.SCORED_ROLLOUTS))
                .hasSize(RECORDED)
                .extracting(event -> event.requireValue().getRollout())
                .allSatisfy(rollout -> assertThat(rollout.getOriginSpans()).isEmpty());
    }

    @Test
    void shouldExportThem() throws IOException {
        Path file = folder.resolve("rollouts.jsonl");
        replay(TopicCatalogue.ROLLOUTS).export(file, Format.JSONL, NO_TEXT, TransferProgress.silent());

        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(RECORDED);
        for (String line : lines) {
            JsonNode rollout = new ObjectMapper().readTree(line);
            assertThat(rollout.get("origin_spans")).isEmpty();
            assertThat(rollout.get("response_tokens")).isNotEmpty();
        }
    }

    @Test
    void shouldAskThemInSql() {
        try (RunQuery counted =
                        RunQuery.of("SELECT count(*) AS rollouts, sum(len(origin_spans)) AS spans FROM rollouts");
                RunTables tables = new RunTables(counted, TransferProgress.silent())) {
            tables.read(run(), List.of(QueryTable.ROLLOUTS), folder, folder);
            assertThat(counted.table(10)).containsExactly("rollouts  spans", "       8      0");
        }
        try (RunQuery origins = RunQuery.of("token-origins");
                RunTables tables = new RunTables(origins, TransferProgress.silent())) {
            tables.read(run(), List.of(QueryTable.SCORES), folder, folder);
            assertThat(origins.table(10)).containsExactly("origin  drafted_by  tokens  share");
        }
    }

    /** Sent again, they are of this version; a reader of the one before reads them all the same. */
    @Test
    void shouldSendThemAgainSoThatOldReadersStillReadThem() throws Exception {
        RespecConfig target = config().withOverrides(List.of("kafka.topic-prefix=again-"));
        new Replay(run(), TopicCatalogue.all(), LogRange.all(), null, null, null)
                .send(target, null, ReplaySpeed.parse("max"), TransferProgress.silent());
        Schema old = published("Rollout.2");
        Schema newest = published("Rollout.3");
        try (EventLog copy = new EventLog(target.cluster(), "test")) {
            List<Event<Rollout>> events = copy.readAll(TopicCatalogue.ROLLOUTS);
            assertThat(events).hasSize(RECORDED);
            for (Event<Rollout> event : events) {
                GenericRecord read = new GenericDatumReader<GenericRecord>(newest, old)
                        .read(null, DecoderFactory.get().binaryDecoder(bytes(event.requireValue()), null));
                assertThat(read.get("rolloutId"))
                        .hasToString(event.requireValue().getRolloutId());
                assertThat(read.get("responseTokens"))
                        .isEqualTo(event.requireValue().getResponseTokens());
            }
        }
    }

    private static void write(Topic<?> topic, String schemaName, List<SpecificRecord> records) throws Exception {
        Schema schema = published(schemaName);
        String name = cluster.events().topicName(topic);
        int id = new SchemaRegistryClient(cluster.clusterConfig().registry()).register(name + "-value", schema);
        try (var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", cluster.clusterConfig().bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer())) {
            for (SpecificRecord record : records) {
                Schema newest = record.getSchema();
                GenericRecord old = new GenericDatumReader<GenericRecord>(newest, schema)
                        .read(null, DecoderFactory.get().binaryDecoder(bytes(record), null));
                var bytes = new ByteArrayOutputStream();
                bytes.writeBytes(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
                var encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
                new GenericDatumWriter<GenericRecord>(schema).write(old, encoder);
                producer.send(new ProducerRecord<>(name, "key", bytes.toByteArray()))
                        .get();
            }
        }
    }

    private static byte[] bytes(SpecificRecord record) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        new SpecificDatumWriter<SpecificRecord>(record.getSchema()).write(record, encoder);
        return bytes.toByteArray();
    }

    private static Schema published(String name) throws IOException {
        try (var text = Rollout.class.getResourceAsStream("/published/" + name + ".avsc")) {
            return new Schema.Parser().parse(Objects.requireNonNull(text));
        }
    }

    private static Replay replay(Topic<?> topic) {
        return new Replay(run(), List.of(topic), LogRange.all(), null, null, null);
    }

    private static OpenRun run() {
        return new OpenRun(RecordedRun.RUN, cluster.events(), config());
    }

    private static RespecConfig config() {
        return RespecConfig.defaults().withOverrides(cluster.configSettings());
    }
}
