package dev.respec.ops.ui;

import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.cluster.RunFile;
import dev.respec.ops.replay.RunDatabase;
import dev.respec.ops.replay.RunFollower;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.EventLog;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The run of one data folder, read by one thread for all its viewers: on and on while the run goes on, once when it is
 * over. While nobody looks, nothing is read.
 */
public final class WatchedRun implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofSeconds(2);
    private static final Duration RETRY = Duration.ofSeconds(5);
    /** How long a question keeps the reader at work. */
    private static final Duration INTEREST = Duration.ofSeconds(30);

    private static final Duration MOST_END = Duration.ofSeconds(3);
    private static final Duration REACH_TIMEOUT = Duration.ofSeconds(10);

    private final RunAccess access;
    private final RunRows rows = new RunRows();
    private final RunState state;
    private final RunTokens tokens;
    private final AtomicInteger viewers = new AtomicInteger();
    private final Thread reader = new Thread(this::read, "run-page-reader");
    private volatile long lastQuestion = System.nanoTime() - INTEREST.toNanos();
    private volatile @Nullable RunDatabase database;
    private volatile boolean closed;

    /** @param access to the run of one data folder */
    public WatchedRun(RunAccess access) {
        this.access = access;
        this.state = new RunState(access);
        this.tokens = new RunTokens(access);
        reader.setDaemon(true);
        reader.start();
    }

    RunAccess access() {
        return access;
    }

    RunRows rows() {
        return rows;
    }

    RunTokens tokens() {
        return tokens;
    }

    /** What was read of the run; empty until it was. */
    Optional<RunDatabase> database() {
        asked();
        return Optional.ofNullable(database);
    }

    void enter() {
        viewers.incrementAndGet();
        asked();
    }

    void leave() {
        asked();
        viewers.decrementAndGet();
    }

    boolean isClosed() {
        return closed;
    }

    private void asked() {
        synchronized (reader) {
            lastQuestion = System.nanoTime();
            reader.notifyAll();
        }
    }

    private void read() {
        try {
            while (!closed) {
                awaitInterest();
                try {
                    readRun();
                } catch (RuntimeException failure) {
                    rows.show(state.failed(failure));
                    pause(RETRY);
                }
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private void readRun() throws InterruptedException {
        if (access.localRun().isEmpty()) {
            throw new BadInputException("no run in " + access.folder().root()
                    + ": name another --data-dir, or start one with 'respec local --data-dir "
                    + access.folder().root() + "'");
        }
        Optional<RespecConfig> config = access.goingOn();
        if (config.isPresent()) {
            follow(config.get());
        } else {
            load();
        }
    }

    /** Returns when the run does not go on any more. */
    private void follow(RespecConfig config) throws InterruptedException {
        rows.show(state.reading("reading the run's topics"));
        try (EventLog events = new EventLog(config.cluster(), "respec-page")) {
            events.verifyReachable(REACH_TIMEOUT);
            rows.clear();
            try (RunDatabase opened = new RunDatabase();
                    RunFollower follower = opened.follow(events, config.run().id())) {
                while (!closed && access.isGoingOn()) {
                    follower.catchUp();
                    show(opened);
                    pause(PERIOD);
                    awaitInterest();
                }
            } finally {
                database = null;
            }
        }
    }

    /** Returns when the folder's run has changed: it was continued, or another one was begun. */
    private void load() throws InterruptedException {
        RunFile read = access.localRun().orElseThrow();
        rows.show(state.reading("reading the run's topics; the first time this takes about ten seconds"));
        rows.clear();
        try (RunDatabase opened = new RunDatabase()) {
            opened.load(access);
            show(opened);
            while (!closed && access.localRun().equals(Optional.of(read)) && !access.isGoingOn()) {
                pause(PERIOD);
                awaitInterest();
            }
        } finally {
            database = null;
        }
    }

    private void show(RunDatabase opened) {
        rows.refresh(opened);
        rows.show(state.of(opened));
        database = opened;
    }

    private void awaitInterest() throws InterruptedException {
        synchronized (reader) {
            while (!closed && viewers.get() == 0 && System.nanoTime() - lastQuestion > INTEREST.toNanos()) {
                reader.wait();
            }
        }
    }

    private void pause(Duration time) throws InterruptedException {
        synchronized (reader) {
            if (!closed) {
                reader.wait(time.toMillis());
            }
        }
    }

    /** Lets the reader end what it reads; it is interrupted only where that takes long. */
    @Override
    public void close() {
        synchronized (reader) {
            closed = true;
            reader.notifyAll();
        }
        try {
            reader.join(MOST_END.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        reader.interrupt();
        tokens.close();
    }
}
