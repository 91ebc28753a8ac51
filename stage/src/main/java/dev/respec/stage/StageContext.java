package dev.respec.stage;

import dev.respec.stage.config.RespecConfig;
import dev.respec.stage.tracing.Traces;
import dev.respec.topics.DeadLetters;
import dev.respec.topics.EventLog;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What a running stage has. Thread-safe. */
public final class StageContext {
    private final RespecConfig config;
    private final EventLog events;
    private final MeterRegistry metrics;
    private final Traces traces;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final List<Runnable> onStop = new ArrayList<>();
    private volatile boolean ready;

    /** Of a stage that traces nothing. */
    public StageContext(RespecConfig config, EventLog events, MeterRegistry metrics) {
        this(config, events, metrics, Traces.OFF);
    }

    /** @param traces the caller closes them when the stage has ended */
    public StageContext(RespecConfig config, EventLog events, MeterRegistry metrics, Traces traces) {
        this.config = config;
        this.events = events;
        this.metrics = metrics;
        this.traces = traces;
    }

    public RespecConfig config() {
        return config;
    }

    public EventLog events() {
        return events;
    }

    public MeterRegistry metrics() {
        return metrics;
    }

    public Traces traces() {
        return traces;
    }

    public DeadLetters deadLetters() {
        return events.deadLetters();
    }

    /** Whether the stage shall end: finish what is begun, take nothing new. */
    public boolean stopping() {
        return stop.getCount() == 0;
    }

    /** Asks the stage to end, and runs what waits for that. The first call counts. */
    public void stop() {
        List<Runnable> actions;
        synchronized (onStop) {
            if (stopping()) {
                return;
            }
            stop.countDown();
            actions = List.copyOf(onStop);
        }
        actions.forEach(Runnable::run);
    }

    /** Runs the action when the stage shall end, on the stopping thread: to wake a consumer, for example. */
    public void onStop(Runnable action) {
        synchronized (onStop) {
            if (!stopping()) {
                onStop.add(action);
                return;
            }
        }
        action.run();
    }

    /** Waits until the stage shall end, at most this long. */
    public void awaitStop(Duration timeout) {
        try {
            if (stop.await(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stop();
        }
    }

    /** The stage does from now on what it is for. */
    public void ready() {
        ready = true;
    }

    public boolean isReady() {
        return ready && !stopping();
    }
}
