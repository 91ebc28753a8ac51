package dev.respec.ops.replay;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import dev.respec.topics.ConsumerMode;
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

    static <V extends SpecificRecord> TopicReader<V> open(EventLog events, Topic<V> topic) {
        return new TopicReader<>(topic, events.consumer(topic, ConsumerMode.fromBeginning()));
    }

    /** Offsets up to which {@link #isAt} asks: the topic's end as it is now. */
    Map<Integer, Long> ends() {
        return consumer.endOffsets();
    }

    /** Whether everything before these offsets was read. */
    boolean isAt(Map<Integer, Long> ends) {
        Map<Integer, Long> positions = consumer.positions();
        return ends.entrySet().stream().allMatch(end -> positions.getOrDefault(end.getKey(), 0L) >= end.getValue());
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
