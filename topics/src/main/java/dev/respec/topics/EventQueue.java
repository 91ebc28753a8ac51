package dev.respec.topics;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process's part in a share group: every event goes to one process. Events come one at a time; each is accepted or
 * released before the next poll, within milliseconds, so that the lock protects the hand-over and nothing else. Who has
 * accepted an event answers for it.
 *
 * <p>Stop polling only while {@link #quiet()}. A poll that times out leaves a fetch open at the broker, and what that
 * fetch acquires lies unread in the client, under a running lock, until somebody polls again.
 *
 * <p>One thread owns the queue.
 */
public final class EventQueue<V extends SpecificRecord> implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EventQueue.class);
    private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(3);

    private static final int SHORTEST_LOCK_MILLIS = 1_000;

    /** Far longer than the client's network thread takes to see that a poll has begun. */
    private static final Duration OVERLAP = Duration.ofMillis(25);

    /** Between two looks of a consumer that is not a member of its group. */
    private static final Duration OUTSIDE_PAUSE = Duration.ofMillis(50);

    private final EventDecoder<V> decoder;
    private final ShareConsumer<byte[], byte[]> consumer;
    private final GroupMembership membership;
    private final Queue<ConsumerRecord<byte[], byte[]>> acquired = new ArrayDeque<>();
    private @Nullable ConsumerRecord<byte[], byte[]> current;
    private boolean fetchOpen;
    private long polledNanos = System.nanoTime();

    /** No later than the lock of what the last poll returned began. */
    private long lockedNanos;

    /** @param consumer acknowledges explicitly and acquires at most one record a poll */
    EventQueue(String topic, EventDecoder<V> decoder, ShareConsumer<byte[], byte[]> consumer) {
        this.decoder = decoder;
        this.consumer = consumer;
        membership = new GroupMembership(consumer);
        consumer.subscribe(List.of(topic));
    }

    /** The next event, to be accepted or released before the next poll; empty when the timeout passes without one. */
    public Optional<QueuedEvent<V>> poll(Duration timeout) {
        if (current != null) {
            throw new IllegalStateException("the event before is neither accepted nor released");
        }
        if (acquired.isEmpty()) {
            fetch(timeout);
        }
        while (!acquired.isEmpty()) {
            var next = acquired.remove();
            current = next;
            var event = decoder.decode(next);
            if (event.isPresent()) {
                return Optional.of(
                        new QueuedEvent<>(event.get(), next.deliveryCount().orElse((short) 1)));
            }
            settle(AcknowledgeType.REJECT);
        }
        return Optional.empty();
    }

    /**
     * The event of the last poll is this process's own from now on, if the answer is true. If it is false the lock was
     * lost or the broker did not answer in time: the event may go to somebody else, and this process must not use it.
     */
    public boolean accept() {
        // The broker may confirm an acceptance whose lock has ended, although another process has the event by then.
        if (current != null && System.nanoTime() - lockedNanos >= lockNanos()) {
            settle(AcknowledgeType.RELEASE);
            return false;
        }
        return settle(AcknowledgeType.ACCEPT);
    }

    /** Somebody else may have the event of the last poll, at once. */
    public void release() {
        settle(AcknowledgeType.RELEASE);
    }

    /** Whether no fetch is open, so that nothing can arrive unless somebody polls. */
    public boolean quiet() {
        return !fetchOpen && acquired.isEmpty();
    }

    /** Leaves the group; what was acquired and not accepted goes to others. Bounded. */
    @Override
    public void close() {
        consumer.close(COMMIT_TIMEOUT);
    }

    /**
     * The client asks the broker for records from the moment a poll begins until records have been acquired, beyond the
     * end of the poll. Records that arrive just as a later poll begins end the earlier request and not that poll's own,
     * which then stays open: after such a poll the queue is not quiet.
     */
    private void fetch(Duration timeout) {
        boolean openBefore = fetchOpen;
        long begun = System.nanoTime();
        lockedNanos = openBefore ? polledNanos : begun;
        fetchOpen = true;
        await(timeout).forEach(acquired::add);
        polledNanos = System.nanoTime();
        if (!acquired.isEmpty()) {
            fetchOpen = openBefore && polledNanos - begun < OVERLAP.toNanos();
        }
    }

    /**
     * The client waits for records without spinning only as a member whose heartbeats leave in time. Before that, and while
     * the group's coordinator is away, a poll spins until its timeout, which starves a broker on the same machine.
     */
    private ConsumerRecords<byte[], byte[]> await(Duration timeout) {
        long end = System.nanoTime() + timeout.toNanos();
        while (!membership.established()) {
            var records = consumer.poll(Duration.ZERO);
            long rest = end - System.nanoTime();
            if (!records.isEmpty() || rest <= 0 || !pause(Math.min(rest, OUTSIDE_PAUSE.toNanos()))) {
                return records;
            }
        }
        return consumer.poll(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
    }

    private static boolean pause(long nanos) {
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private long lockNanos() {
        return Duration.ofMillis(consumer.acquisitionLockTimeoutMs().orElse(SHORTEST_LOCK_MILLIS))
                .toNanos();
    }

    private boolean settle(AcknowledgeType type) {
        var record = current;
        if (record == null) {
            throw new IllegalStateException("no event to settle: poll first");
        }
        current = null;
        try {
            consumer.acknowledge(record, type);
            var results = consumer.commitSync(COMMIT_TIMEOUT).values();
            if (!results.isEmpty() && results.stream().allMatch(Optional::isEmpty)) {
                return true;
            }
            return lost(record, type, results.toString());
        } catch (TimeoutException e) {
            return lost(record, type, e.toString());
        }
    }

    private static boolean lost(ConsumerRecord<?, ?> record, AcknowledgeType type, String reason) {
        log.atWarn()
                .addKeyValue("topicName", record.topic())
                .addKeyValue("partition", record.partition())
                .addKeyValue("offset", record.offset())
                .addKeyValue("acknowledgement", type)
                .addKeyValue("reason", reason)
                .log("Acknowledgement did not reach the queue, the record may be handed out again");
        return false;
    }
}
