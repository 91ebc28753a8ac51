package dev.respec.ops.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HangingTransactionsIT {
    private static final TopicPartition PARTITION = new TopicPartition("events", 0);
    private static final short BEFORE_IMPLICIT_PARTITIONS = 11;

    @TempDir
    Path directory;

    @Test
    void shouldEndWhatTheCoordinatorDoesNotKnowAndNothingElse() throws Exception {
        try (var broker = EmbeddedBroker.start(
                        directory, 0, Map.of("transaction.partition.verification.enable", "false"));
                var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
                var producer = producer(broker)) {
            admin.createTopics(List.of(new NewTopic("events", 1, (short) 1)))
                    .all()
                    .get();
            var hanging = new HangingTransactions(admin);

            // Given a transaction under way, and one that is open in the partition only
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("events", "under way")).get();
            writeBehindTheCoordinator(broker.port(), 4_711);
            assertThat(lastStableOffset(admin)).isZero();

            // When
            assertThat(hanging.look()).as("not at first sight").isZero();
            assertThat(hanging.look()).isEqualTo(1);
            assertThat(hanging.look()).isZero();

            // Then the other one goes on and ends as its producer says
            producer.send(new ProducerRecord<>("events", "more")).get();
            producer.commitTransaction();
            await().untilAsserted(() -> assertThat(lastStableOffset(admin))
                    .as("two records, one written behind, two markers")
                    .isEqualTo(5));
        }
    }

    private static KafkaProducer<String, String> producer(EmbeddedBroker broker) {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "transactional.id", "orderly"),
                new StringSerializer(),
                new StringSerializer());
    }

    private static long lastStableOffset(Admin admin) throws Exception {
        return admin.listOffsets(
                        Map.of(PARTITION, OffsetSpec.latest()), new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                .partitionResult(PARTITION)
                .get()
                .offset();
    }

    /** What is left when the coordinator forgets a transaction: records of one that it never heard of. */
    private static void writeBehindTheCoordinator(int port, long producerId) throws IOException {
        var records = MemoryRecords.withTransactionalRecords(
                Compression.NONE, producerId, (short) 0, 0, new SimpleRecord("left".getBytes(StandardCharsets.UTF_8)));
        var topic = new ProduceRequestData.TopicProduceData()
                .setName(PARTITION.topic())
                .setPartitionData(List.of(new ProduceRequestData.PartitionProduceData()
                        .setIndex(PARTITION.partition())
                        .setRecords(records)));
        var topics =
                new ProduceRequestData.TopicProduceDataCollection(List.of(topic).iterator());
        var request = ProduceRequest.builder(
                        new ProduceRequestData()
                                .setAcks((short) -1)
                                .setTimeoutMs(10_000)
                                .setTransactionalId("forgotten")
                                .setTopicData(topics),
                        true)
                .build(BEFORE_IMPLICIT_PARTITIONS);
        var header = new RequestHeader(ApiKeys.PRODUCE, BEFORE_IMPLICIT_PARTITIONS, "test", 1);
        var bytes = request.serializeWithHeader(header);
        try (var socket = new Socket("127.0.0.1", port)) {
            var out = new DataOutputStream(socket.getOutputStream());
            out.writeInt(bytes.remaining());
            out.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
            out.flush();
            var in = new DataInputStream(socket.getInputStream());
            var answer = ByteBuffer.wrap(in.readNBytes(in.readInt()));
            var response = (ProduceResponse) ProduceResponse.parseResponse(answer, header);
            assertThat(response.errorCounts()).isEqualTo(Map.of(Errors.NONE, 1));
        }
    }
}
