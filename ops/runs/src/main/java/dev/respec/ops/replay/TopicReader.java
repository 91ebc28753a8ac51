package dev.respec.ops.replay;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import dev.respec.topics.Event;
import dev.respec.topics.EventConsumer;
import dev.respec.topics.EventLog;
import dev.respec.topics.RecordedLog.Recorded;
import dev.respec.topics.Topic;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;

/** Reads one topic on and on: each call gives what was written since the one before. One thread. */
final class TopicReader<V extends SpecificRecord> implements AutoCloseable {
    private static final Duration WAIT = Duration.ofMillis(100);

    private final Topic<V> topic;
    private final EventConsumer<V> consumer;

    private TopicReader(Topic<V> topic, EventConsumer<V> consumer) {
        this.topic = topic;
        this.consumer = consumer;
    }

    /** @param mostRecords the newest that are read of what the topic holds now, about as many of each partition */
    static <V extends SpecificRecord> TopicReader<V> open(EventLog events, Topic<V> topic, long mostRecords) {
        EventConsumer<V> consumer = events.reader(topic);
        try {
            Map<Integer, Long> begins = consumer.beginningOffsets();
            Map<Integer, Long> ends = consumer.endOffsets();
            long each = Math.max(1, mostRecords / begins.size());
            consumer.seek(begins.entrySet().stream()
                    .collect(Collectors.toMap(
                            Map.Entry::getKey,
                            begin -> Math.max(begin.getValue(), ends.getOrDefault(begin.getKey(), 0L) - each))));
            return new TopicReader<>(topic, consumer);
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    /** Offsets up to which {@link #isAt} asks: the topic's end as it is now. */
    Map<Integer, Long> ends() {
        return consumer.endOffsets();
    }

    /** Offsets between what was read and these ends. */
    long distance(Map<Integer, Long> ends) {
        Map<Integer, Long> positions = consumer.positions();
        return ends.entrySet().stream()
                .mapToLong(end -> Math.max(0, end.getValue() - positions.getOrDefault(end.getKey(), 0L)))
                .sum();
    }

    /** Writes the next records that the selection takes as JSON lines; returns how many. */
    long write(Selection selection, OutputStream out) throws IOException {
        List<Event<V>> events = consumer.poll(WAIT);
        long written = 0;
        JsonFactory factory = JsonFactory.builder().build();
        try (JsonGenerator json = factory.createGenerator(out)) {
            json.setPrettyPrinter(new MinimalPrettyPrinter("\n"));
            RecordJson records = new RecordJson(json, new TokenText(null));
            for (Event<V> event : events) {
                Recorded<V> recorded = new Recorded<>(topic, event);
                if (event.value() != null && selection.takes(recorded)) {
                    records.write(recorded);
                    written++;
                }
            }
        }
        return written;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
