package dev.respec.topics;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads committed events of several topics again, one after the other: always the oldest of those at the head of a
 * partition, so the order of a partition is kept and the whole is the same at every reading. The end is where the
 * topics ended when it was opened. Memory is bounded by a few polls. One thread owns it.
 */
public final class RecordedLog implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);
    /** No group is left and nothing is committed: nothing is worth waiting for, and a pending fetch would be. */
    private static final Duration CLOSE_TIMEOUT = Duration.ZERO;

    private final Consumer<byte[], byte[]> consumer;
    private final LogRange range;
    private final List<Source<?>> sources;
    private final long total;
    private long undecodable;

    /**
     * An event with its topic.
     *
     * @param topic as in the catalogue
     */
    public record Recorded<V extends SpecificRecord>(Topic<V> topic, Event<V> event) {}

    private RecordedLog(Consumer<byte[], byte[]> consumer, LogRange range, List<Source<?>> sources) {
        this.consumer = consumer;
        this.range = range;
        this.sources = sources;
        this.total = sources.stream().mapToLong(Source::length).sum();
    }

    static RecordedLog open(EventLog events, Consumer<byte[], byte[]> consumer, List<Topic<?>> topics, LogRange range) {
        try {
            var sources = new ArrayList<Source<?>>();
            for (var topic : topics) {
                var name = events.topicName(topic);
                var partitions = consumer.partitionsFor(name);
                if (partitions.isEmpty()) {
                    throw new ClusterUnreachableException(
                            "topic " + name + " does not exist: create it with 'respec topics apply'", null);
                }
                for (var info : partitions) {
                    if (range.holds(info.partition())) {
                        sources.add(new Source<>(topic, new TopicPartition(name, info.partition()), events));
                    }
                }
            }
            new RecordedRange(consumer, range).place(sources);
            return new RecordedLog(consumer, range, List.copyOf(sources));
        } catch (RuntimeException e) {
            consumer.close(CloseOptions.timeout(CLOSE_TIMEOUT));
            throw e;
        }
    }

    /** The next event; empty at the end. */
    public Optional<Recorded<?>> next() {
        while (true) {
            while (sources.stream().anyMatch(source -> source.mustFill(consumer))) {
                fill();
            }
            var oldest = sources.stream()
                    .filter(source -> !source.buffered.isEmpty())
                    .min(Comparator.comparing(Source::headTimestamp));
            if (oldest.isEmpty()) {
                return Optional.empty();
            }
            var recorded = oldest.get().take();
            if (range.holds(recorded.event())) {
                return Optional.of(recorded);
            }
        }
    }

    /** Offsets of the range in all partitions, those without a record of their own among them. */
    public long total() {
        return total;
    }

    /** One past the last offset of each partition of a topic, as it was when this was opened. */
    public Map<Integer, Long> ends(Topic<?> topic) {
        return sources.stream()
                .filter(source -> source.topic.equals(topic))
                .collect(Collectors.toMap(source -> source.partition.partition(), source -> source.end));
    }

    /** Offsets passed. */
    public long done() {
        return sources.stream().mapToLong(source -> source.passed(consumer)).sum();
    }

    /** Records left out because they do not decode. */
    public long undecodable() {
        return undecodable;
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(CLOSE_TIMEOUT));
    }

    private void fill() {
        var wanted = sources.stream()
                .filter(source -> source.mustFill(consumer))
                .map(source -> source.partition)
                .toList();
        consumer.pause(consumer.assignment());
        consumer.resume(wanted);
        var polled = consumer.poll(POLL);
        for (var source : sources) {
            for (var consumed : polled.records(source.partition)) {
                if (consumed.offset() < source.end && !source.add(consumed)) {
                    undecodable++;
                }
            }
        }
    }

    /** A partition, and what was read of it and not handed out. */
    static final class Source<V extends SpecificRecord> {
        private final Topic<V> topic;
        private final TopicPartition partition;
        private final EventDecoder<V> decoder;
        private final Deque<Event<V>> buffered = new ArrayDeque<>();
        private long start;
        private long end;

        Source(Topic<V> topic, TopicPartition partition, EventLog events) {
            this.topic = topic;
            this.partition = partition;
            this.decoder = new EventDecoder<>(events.codec(topic), EventLog::leaveOut);
        }

        TopicPartition partition() {
            return partition;
        }

        void place(long from, long to) {
            start = from;
            end = Math.max(from, to);
        }

        private boolean mustFill(Consumer<?, ?> consumer) {
            return buffered.isEmpty() && consumer.position(partition) < end;
        }

        private boolean add(ConsumerRecord<byte[], byte[]> consumed) {
            var event = decoder.decode(consumed);
            event.ifPresent(buffered::addLast);
            return event.isPresent();
        }

        private Recorded<V> take() {
            return new Recorded<>(topic, buffered.removeFirst());
        }

        private Instant headTimestamp() {
            return buffered.getFirst().timestamp();
        }

        private long length() {
            return end - start;
        }

        private long passed(Consumer<?, ?> consumer) {
            long read = buffered.isEmpty()
                    ? consumer.position(partition)
                    : buffered.getFirst().offset();
            return Math.min(read, end) - start;
        }
    }
}
