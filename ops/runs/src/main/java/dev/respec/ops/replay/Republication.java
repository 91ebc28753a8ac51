package dev.respec.ops.replay;

import dev.respec.topics.EventLog;
import dev.respec.topics.EventProducer;
import dev.respec.topics.RecordedLog;
import dev.respec.topics.RecordedLog.Recorded;
import dev.respec.topics.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Sends recorded events again, in the order of their times, with their keys and times, at a chosen speed. Returns when
 * all are durable; throws at the first that cannot be written.
 */
public final class Republication {
    /** Events on their way to the broker. */
    private static final int MOST_IN_FLIGHT = 10_000;

    private static final int PROGRESS_EVERY = 64;

    private final Selection selection;
    private final ReplaySpeed speed;
    private final TransferProgress progress;

    public Republication(Selection selection, ReplaySpeed speed, TransferProgress progress) {
        this.selection = selection;
        this.speed = speed;
        this.progress = progress;
    }

    /**
     * Sends what the selection takes.
     *
     * @param names topic of the target by name in the source
     * @return events sent
     */
    public long run(RecordedLog log, EventLog target, Function<String, String> names) throws InterruptedException {
        long sent = 0;
        long seen = 0;
        long begun = System.nanoTime();
        Instant first = null;
        Deque<CompletableFuture<?>> onTheWay = new ArrayDeque<>();
        try (EventProducer producer = target.producer()) {
            for (Optional<Recorded<?>> next = log.next(); next.isPresent(); next = log.next()) {
                if (seen++ % PROGRESS_EVERY == 0) {
                    progress.at(log.done(), log.total());
                }
                Recorded<?> recorded = next.get();
                if (!selection.takes(recorded)) {
                    continue;
                }
                Instant at = recorded.event().timestamp();
                first = first == null ? at : first;
                await(begun, speed.dueAfter(first, at), producer);
                onTheWay.addLast(send(producer, recorded, names));
                sent++;
                while (onTheWay.size() > MOST_IN_FLIGHT || headIsDone(onTheWay.peekFirst())) {
                    join(onTheWay.removeFirst());
                }
            }
            producer.flush();
            onTheWay.forEach(Republication::join);
        } finally {
            progress.end();
        }
        return sent;
    }

    /** A topic like another, under another name. */
    public static <V extends SpecificRecord> Topic<V> renamed(Topic<V> topic, String name) {
        return new Topic<>(
                name,
                topic.valueType(),
                topic.partitions(),
                topic.configuration(),
                topic.key(),
                topic.writers(),
                topic.readers());
    }

    private static <V extends SpecificRecord> CompletableFuture<?> send(
            EventProducer producer, Recorded<V> recorded, Function<String, String> names) {
        Topic<V> topic = recorded.topic();
        return producer.resend(renamed(topic, names.apply(topic.name())), recorded.event());
    }

    private static boolean headIsDone(@Nullable CompletableFuture<?> head) {
        return head != null && head.isDone();
    }

    private static void join(CompletableFuture<?> sending) {
        try {
            sending.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private static void await(long begun, Duration due, EventProducer producer) throws InterruptedException {
        long left = begun + due.toNanos() - System.nanoTime();
        if (left > 0) {
            producer.flush();
            left = begun + due.toNanos() - System.nanoTime();
            if (left > 0) {
                Thread.sleep(left / 1_000_000, (int) (left % 1_000_000));
            }
        }
    }
}
