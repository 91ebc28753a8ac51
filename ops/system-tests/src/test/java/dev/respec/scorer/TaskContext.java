package dev.respec.scorer;

import java.io.File;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsMetrics;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.Punctuator;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** What Kafka Streams shows a processor, with time and transaction in the hands of a test. */
final class TaskContext implements ProcessorContext<String, SpecificRecord> {
    private final Map<String, StateStore> stores;
    private final Clock clock;
    private final List<Punctuator> punctuators = new ArrayList<>();
    private final List<Forwarded> forwarded = new ArrayList<>();
    private @Nullable RecordMetadata current;

    /** A record that the transaction under way will write. */
    record Forwarded(String sink, Record<?, ?> record) {}

    TaskContext(Map<String, StateStore> stores, Clock clock) {
        this.stores = stores;
        this.clock = clock;
    }

    void reading(RecordMetadata metadata) {
        current = metadata;
    }

    void punctuate() {
        punctuators.forEach(punctuator -> punctuator.punctuate(currentSystemTimeMs()));
    }

    /** What was forwarded since the last call. */
    List<Forwarded> drain() {
        List<Forwarded> records = List.copyOf(forwarded);
        forwarded.clear();
        return records;
    }

    @Override
    public <K extends String, V extends SpecificRecord> void forward(Record<K, V> record) {
        throw new UnsupportedOperationException("every record names its sink");
    }

    @Override
    public <K extends String, V extends SpecificRecord> void forward(Record<K, V> record, String sink) {
        forwarded.add(new Forwarded(sink, record));
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // Kafka's signature
    public <S extends StateStore> S getStateStore(String name) {
        return (S) Objects.requireNonNull(stores.get(name), name);
    }

    @Override
    public Cancellable schedule(Duration interval, PunctuationType type, Punctuator callback) {
        punctuators.add(callback);
        return () -> punctuators.remove(callback);
    }

    @Override
    public Cancellable schedule(Instant start, Duration interval, PunctuationType type, Punctuator callback) {
        return schedule(interval, type, callback);
    }

    @Override
    public Optional<RecordMetadata> recordMetadata() {
        return Optional.ofNullable(current);
    }

    @Override
    public long currentSystemTimeMs() {
        return clock.millis();
    }

    @Override
    public long currentStreamTimeMs() {
        return clock.millis();
    }

    @Override
    public String applicationId() {
        return RewardScorerTopology.NAME;
    }

    @Override
    public TaskId taskId() {
        return new TaskId(0, 0);
    }

    @Override
    public Serde<?> keySerde() {
        return Serdes.String();
    }

    @Override
    public Serde<?> valueSerde() {
        throw new UnsupportedOperationException("not simulated");
    }

    @Override
    public File stateDir() {
        throw new UnsupportedOperationException("not simulated");
    }

    @Override
    public StreamsMetrics metrics() {
        throw new UnsupportedOperationException("not simulated");
    }

    @Override
    public void commit() {}

    @Override
    public Map<String, Object> appConfigs() {
        return Map.of();
    }

    @Override
    public Map<String, Object> appConfigsWithPrefix(String prefix) {
        return Map.of();
    }
}
