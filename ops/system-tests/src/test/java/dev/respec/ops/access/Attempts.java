package dev.respec.ops.access;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What one user tries with Kafka's own clients; each attempt says whether the broker let it. */
final class Attempts implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(300);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Map<String, Object> connection;
    private final Admin admin;
    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaConsumer<byte[], byte[]> consumer;

    Attempts(String bootstrapServers, Map<String, String> security) {
        connection = new HashMap<>(security);
        connection.put("bootstrap.servers", bootstrapServers);
        admin = Admin.create(connection);
        var writing = new HashMap<>(connection);
        // an idempotent producer that is refused its id refuses every later write itself
        writing.put("enable.idempotence", false);
        producer = new KafkaProducer<>(writing, new ByteArraySerializer(), new ByteArraySerializer());
        var reading = new HashMap<>(connection);
        reading.put("enable.auto.commit", false);
        reading.put("allow.auto.create.topics", false);
        consumer = new KafkaConsumer<>(reading, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    boolean write(String topic) {
        return allowed(
                () -> producer.send(new ProducerRecord<>(topic, new byte[] {1})).get());
    }

    /** Reads until there is a record or a refusal, which comes in a poll of its own time. */
    boolean read(String topic) {
        return allowed(() -> {
            var partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seek(partition, 0);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (consumer.poll(POLL).isEmpty() && System.nanoTime() < deadline) {
                if (may(AclOperation.READ, topic)) {
                    return;
                }
            }
        });
    }

    /** Asks the broker instead of trying. */
    boolean may(AclOperation operation, String topic) throws Exception {
        var options = new DescribeTopicsOptions().includeAuthorizedOperations(true);
        var described =
                admin.describeTopics(List.of(topic), options).allTopicNames().get();
        return Objects.requireNonNull(described.get(topic))
                .authorizedOperations()
                .contains(operation);
    }

    boolean begin(String transactionalId) {
        var settings = new HashMap<>(connection);
        settings.put("transactional.id", transactionalId);
        try (var transactional = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            return allowed(transactional::initTransactions);
        }
    }

    /** Asks for the group's offsets, which whoever is in it must be able to. */
    boolean use(String group) {
        return allowed(() -> get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()));
    }

    boolean create(String topic) {
        return allowed(() -> get(
                admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all()));
    }

    boolean delete(String topic) {
        return allowed(() -> get(admin.deleteTopics(List.of(topic)).all()));
    }

    boolean configure(ConfigResource resource, String key, String value) {
        Collection<AlterConfigOp> change =
                List.of(new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET));
        return allowed(() ->
                get(admin.incrementalAlterConfigs(Map.of(resource, change)).all()));
    }

    boolean seeAcls() {
        return allowed(() -> get(admin.describeAcls(AclBindingFilter.ANY).values()));
    }

    boolean seeUsers() {
        return allowed(() -> get(admin.describeUserScramCredentials().all()));
    }

    @Override
    public void close() {
        try {
            consumer.close();
        } catch (KafkaException e) {
            // a refusal that came after the attempt it belongs to is told here
            if (!(e.getCause() instanceof AuthorizationException)) {
                throw e;
            }
        }
        producer.close(Duration.ZERO);
        admin.close(Duration.ZERO);
    }

    private static <T> void get(KafkaFuture<T> answer) throws Exception {
        answer.get();
    }

    /** Anything but a refusal is a failure of the test. */
    private static boolean allowed(Attempt attempt) {
        try {
            attempt.run();
            return true;
        } catch (AuthorizationException e) {
            return false;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AuthorizationException) {
                return false;
            }
            throw new AssertionError(e.getCause());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private interface Attempt {
        void run() throws Exception;
    }
}
