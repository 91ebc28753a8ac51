package dev.respec.stage;

import dev.respec.topics.QueueBacklog;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Asks for a queue's backlog every few seconds, so that a scrape does not wait for the cluster. */
final class QueueLag implements AutoCloseable {
    private static final Duration EVERY = Duration.ofSeconds(5);
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private final QueueBacklog backlog;
    private final ScheduledExecutorService executor;
    private volatile double records = Double.NaN;

    QueueLag(QueueBacklog backlog) {
        this.backlog = backlog;
        this.executor = Executors.newSingleThreadScheduledExecutor(action -> {
            var thread = new Thread(action, "queue-lag");
            thread.setDaemon(true);
            return thread;
        });
        var unused = executor.scheduleWithFixedDelay(this::ask, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Not a number while it is not known. */
    double records() {
        return records;
    }

    private void ask() {
        var answer = backlog.records(TIMEOUT);
        records = answer.isPresent() ? answer.getAsLong() : Double.NaN;
    }

    @Override
    public void close() {
        executor.shutdownNow();
        backlog.close();
    }
}
