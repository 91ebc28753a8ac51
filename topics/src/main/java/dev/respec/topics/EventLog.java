package dev.respec.topics;

import dev.respec.schemas.AvroCodec;
import dev.respec.schemas.UndecodableRecordException;
import dev.respec.schemas.registry.SchemaRegistryClient;
import dev.respec.schemas.registry.SchemaRegistryException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process's access to the topics of one installation: makes its producers, consumers, queues and serdes. Thread-safe;
 * what it makes has its own rules. Closing it closes only what it keeps for itself.
 */
public final class EventLog implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EventLog.class);
    private static final Duration READ_ALL_POLL = Duration.ofMillis(200);

    private final ClusterConfig config;
    private final ClientSettings settings;
    private final SchemaRegistryClient registry;
    private final Map<Topic<?>, AvroCodec<?>> codecs = new ConcurrentHashMap<>();
    private final DeadLetters deadLetters;
    private volatile ClientObserver observer = ClientObserver.NONE;
    private @Nullable EventProducer deadLetterProducer;

    /** @param clientId names the process in the broker's logs and metrics and in dead letters */
    public EventLog(ClusterConfig config, String clientId) {
        this.config = config;
        this.settings = new ClientSettings(config, clientId);
        this.registry = new SchemaRegistryClient(config.registry());
        this.deadLetters = new DeadLetters(this, clientId, this::deadLetterProducer);
    }

    /** The topic's name with the installation's prefix. */
    public String topicName(Topic<?> topic) {
        return config.topicPrefix() + topic.name();
    }

    public EventProducer producer() {
        return producer(settings.producer());
    }

    /** For events that somebody waits for: none waits to be sent together with others. */
    public EventProducer promptProducer() {
        return producer(settings.promptProducer());
    }

    /** Ends what an earlier producer of the same id left open, and fences that producer. */
    public EventProducer transactionalProducer(String transactionalId) {
        var kafka = new KafkaProducer<>(
                settings.transactionalProducer(transactionalId), new StringSerializer(), new ByteArraySerializer());
        kafka.initTransactions();
        observer.made(kafka);
        return new EventProducer(this, kafka);
    }

    public <V extends SpecificRecord> EventConsumer<V> consumer(Topic<V> topic, ConsumerMode mode) {
        return consumer(topic, kafkaConsumer(topicName(topic), mode, settings.consumer()));
    }

    /**
     * For events that nobody waits for: they come together, up to half a second late, instead of one at a time. A consumer
     * that is answered for every event keeps the broker as busy as whoever writes them.
     */
    public <V extends SpecificRecord> EventConsumer<V> batchingConsumer(Topic<V> topic, ConsumerMode mode) {
        return consumer(topic, kafkaConsumer(topicName(topic), mode, settings.batchingConsumer()));
    }

    private <V extends SpecificRecord> EventConsumer<V> consumer(Topic<V> topic, KafkaConsumer<byte[], byte[]> kafka) {
        observer.made(kafka);
        return new EventConsumer<>(topicName(topic), kafka, new EventDecoder<>(codec(topic), deadLetters::undecodable));
    }

    /**
     * Reads all partitions from their first record on and writes nothing: what does not decode is logged and left out,
     * without a dead letter.
     */
    public <V extends SpecificRecord> EventConsumer<V> reader(Topic<V> topic) {
        var kafka = kafkaConsumer(topicName(topic), ConsumerMode.fromBeginning(), settings.consumer());
        observer.made(kafka);
        return new EventConsumer<>(topicName(topic), kafka, new EventDecoder<>(codec(topic), EventLog::leaveOut));
    }

    static void leaveOut(ConsumerRecord<byte[], byte[]> consumed, UndecodableRecordException error) {
        log.atWarn()
                .addKeyValue("topicName", consumed.topic())
                .addKeyValue("partition", consumed.partition())
                .addKeyValue("offset", consumed.offset())
                .addKeyValue("reason", error.getMessage())
                .log("Record is left out");
    }

    /** A part in the topic's share group; {@link TopicProvisioner} configures the group. */
    public <V extends SpecificRecord> EventQueue<V> queue(Topic<V> topic, String groupId) {
        var kafka = new KafkaShareConsumer<>(
                settings.queue(groupId), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        observer.made(kafka);
        return new EventQueue<>(topicName(topic), new EventDecoder<>(codec(topic), deadLetters::undecodable), kafka);
    }

    /** How much of a share group's queue nobody has taken yet. */
    public QueueBacklog backlog(Topic<?> topic, String groupId) {
        return new QueueBacklog(admin(), topicName(topic), settings.groupId(groupId));
    }

    /**
     * Committed events of all partitions, from the first there is to the end as it is at the call, by timestamp, then
     * partition and offset. What does not decode is logged and left out.
     */
    public <V extends SpecificRecord> List<Event<V>> readAll(Topic<V> topic) {
        var events = new ArrayList<Event<V>>();
        try (var consumer = reader(topic)) {
            var ends = consumer.endOffsets();
            while (consumer.isBefore(ends)) {
                consumer.poll(READ_ALL_POLL).stream()
                        .filter(event -> event.offset() < ends.getOrDefault(event.partition(), 0L))
                        .forEach(events::add);
            }
        }
        events.sort(Comparator.comparing((Event<V> event) -> event.timestamp())
                .thenComparing(Event::partition)
                .thenComparing(Event::offset));
        return events;
    }

    /** Committed events of several topics, merged by their timestamps, from now back to where the range begins. */
    public RecordedLog recorded(List<Topic<?>> topics, LogRange range) {
        return RecordedLog.open(
                this,
                new KafkaConsumer<>(settings.consumer(), new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                topics,
                range);
    }

    /** For Kafka Streams; its deserializer throws, and the application decides what happens then. */
    public <V extends SpecificRecord> Serde<V> serde(Topic<V> topic) {
        return new AvroSerde<>(codec(topic));
    }

    /** Settings of a Kafka Streams application: the cluster, its security, its client ids. */
    public Map<String, Object> streamsProperties(String applicationId) {
        return settings.streams(applicationId);
    }

    public TopicProvisioner provisioner() {
        return new TopicProvisioner(this, registry, config.topicPrefix());
    }

    /** Of the roles of this installation; {@code principalPrefix} goes before a role's name to make its user. */
    public AccessProvisioner access(String principalPrefix) {
        return new AccessProvisioner(this::admin, AccessRule.of(config.topicPrefix()), principalPrefix);
    }

    public DeadLetters deadLetters() {
        return deadLetters;
    }

    /**
     * Asks the broker and the registry whether they are there.
     *
     * @throws ClusterUnreachableException if one does not answer within the timeout
     */
    public void verifyReachable(Duration timeout) {
        new ClusterCheck(config, this::admin).verifyBroker(timeout);
        try {
            registry.verifyReachable();
        } catch (SchemaRegistryException e) {
            throw new ClusterUnreachableException(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Asks whether the topics are there; a client sees no others than those that it may use.
     *
     * @throws ClusterUnreachableException naming those that are not
     */
    public void verifyProvisioned(List<Topic<?>> topics) {
        new ClusterCheck(config, this::admin)
                .verifyTopics(topics.stream().map(this::topicName).toList());
    }

    /** Every client made from now on is shown to the observer. */
    public void observe(ClientObserver observer) {
        this.observer = observer;
    }

    /** Who is shown the clients: for those that are made elsewhere. */
    public ClientObserver observer() {
        return observer;
    }

    @Override
    public synchronized void close() {
        if (deadLetterProducer != null) {
            deadLetterProducer.close();
            deadLetterProducer = null;
        }
    }

    @SuppressWarnings("unchecked") // the codec under a topic is of the topic's type
    <V extends SpecificRecord> AvroCodec<V> codec(Topic<V> topic) {
        return (AvroCodec<V>)
                codecs.computeIfAbsent(topic, key -> new AvroCodec<>(topic.valueType(), subject(topic), registry));
    }

    String subject(Topic<?> topic) {
        return topicName(topic) + "-value";
    }

    /** The caller closes it. */
    Admin admin() {
        return Admin.create(settings.admin());
    }

    private EventProducer producer(Map<String, Object> properties) {
        var kafka = new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
        observer.made(kafka);
        return new EventProducer(this, kafka);
    }

    private synchronized EventProducer deadLetterProducer() {
        if (deadLetterProducer == null) {
            deadLetterProducer = producer();
        }
        return deadLetterProducer;
    }

    private static KafkaConsumer<byte[], byte[]> kafkaConsumer(
            String topic, ConsumerMode mode, Map<String, Object> properties) {
        var kafka = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        try {
            StartingPoint.apply(kafka, topic, mode);
            return kafka;
        } catch (RuntimeException e) {
            kafka.close();
            throw e;
        }
    }
}
