package dev.respec.streams;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kafka Streams application from start to bounded close. A thread that dies is replaced, its records are processed
 * again; after {@value #MOST_FAILURES} deaths within {@link #FAILURE_WINDOW} the application stops and
 * {@link #check} throws. One owner thread starts, checks and closes it.
 */
public final class StreamsRunner implements AutoCloseable {
    static final int MOST_FAILURES = 4;
    static final Duration FAILURE_WINDOW = Duration.ofMinutes(1);

    private static final Logger log = LoggerFactory.getLogger(StreamsRunner.class);

    private final KafkaStreams streams;
    private final Duration closeTimeout;
    private final Clock clock;
    private final CountDownLatch started = new CountDownLatch(1);
    private final Deque<Instant> failures = new ArrayDeque<>();
    private volatile @Nullable Throwable failure;

    /**
     * Makes the application; {@link #start} starts it.
     *
     * @param closeTimeout {@code KafkaStreams.close()} without a bound may wait for ever
     */
    public StreamsRunner(Topology topology, Map<String, Object> settings, Duration closeTimeout) {
        var properties = new Properties();
        properties.putAll(settings);
        this.streams = new KafkaStreams(topology, properties);
        this.closeTimeout = closeTimeout;
        this.clock = Clock.systemUTC();
        streams.setUncaughtExceptionHandler(this::died);
        streams.setStateListener((state, before) -> {
            if (state == KafkaStreams.State.RUNNING || state.hasCompletedShutdown()) {
                started.countDown();
            }
        });
    }

    private synchronized StreamThreadExceptionResponse died(Throwable thrown) {
        Instant now = clock.instant();
        failures.addLast(now);
        while (failures.getFirst().isBefore(now.minus(FAILURE_WINDOW))) {
            failures.removeFirst();
        }
        boolean hopeless = thrown instanceof Error || failures.size() >= MOST_FAILURES;
        log.atError()
                .setCause(thrown)
                .addKeyValue("failuresInWindow", failures.size())
                .addKeyValue("response", hopeless ? "stop" : "replace thread")
                .log("Stream thread died");
        if (hopeless) {
            failure = thrown;
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        }
        return StreamThreadExceptionResponse.REPLACE_THREAD;
    }

    /**
     * Starts and waits until tasks are assigned and their state restored, or the timeout has passed: restoring a large
     * state may take longer and goes on.
     *
     * @throws StreamsFailedException if the application has failed
     */
    public void start(Duration timeout) throws InterruptedException {
        streams.start();
        if (!started.await(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
            log.atInfo().addKeyValue("state", streams.state()).log("Streams application is not running yet");
        }
        check();
    }

    /** @throws StreamsFailedException if the application has failed; its cause says why */
    public void check() {
        KafkaStreams.State state = streams.state();
        if (failure != null || state == KafkaStreams.State.ERROR || state == KafkaStreams.State.PENDING_ERROR) {
            throw new StreamsFailedException("streams application stopped in state " + state, failure);
        }
    }

    /** For a binder of metrics, which must not use it otherwise. */
    public KafkaStreams application() {
        return streams;
    }

    /** Of all clients and tasks. */
    public Map<MetricName, ? extends Metric> metrics() {
        return streams.metrics();
    }

    public boolean running() {
        return streams.state() == KafkaStreams.State.RUNNING;
    }

    @Override
    public void close() {
        // Leaving the group lets a restart take over at once instead of after the session timeout.
        var options = CloseOptions.timeout(closeTimeout)
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP);
        if (!streams.close(options)) {
            log.atWarn()
                    .addKeyValue("closeTimeoutMillis", closeTimeout.toMillis())
                    .log("Streams application did not close in time; what was not committed is processed again");
        }
    }
}
