package dev.respec.ops.ui;

import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.replay.RunDatabase;
import dev.respec.stage.config.RespecConfig;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One run, read by one thread for all its viewers: repeatedly while it goes on, once when it is over, and not at all
 * while nobody is watching.
 */
public final class WatchedRun implements AutoCloseable {
    private static final Duration RETRY = Duration.ofSeconds(5);
    /** How long a question keeps the reader at work. */
    private static final Duration INTEREST = Duration.ofSeconds(30);

    private static final Duration MOST_END = Duration.ofSeconds(3);

    private final RunHome home;
    private final RunRows rows = new RunRows();
    private final RunState state;
    private final RunTokens tokens;
    private final SharedAnswers answers = new SharedAnswers();
    private final AtomicInteger viewers = new AtomicInteger();
    private final RunReading reading;
    private final Thread reader = new Thread(this::read, "run-page-reader");
    private final Consumer<String> terminal;
    private volatile long lastQuestion = System.nanoTime() - INTEREST.toNanos();
    private volatile @Nullable RunDatabase database;
    private final AtomicLong readings = new AtomicLong();
    private volatile boolean closed;
    private final Set<String> told = new HashSet<>();

    private WatchedRun(RunHome home, RunReading reading, Consumer<String> terminal) {
        this.home = home;
        this.reading = reading;
        this.terminal = terminal;
        this.state = new RunState(home);
        this.tokens = new RunTokens(home);
        reader.setDaemon(true);
        reader.start();
    }

    /** The run of one data folder. */
    public WatchedRun(RunAccess access) {
        this(new LocalHome(access), new LocalReading(access), line -> {});
    }

    /**
     * A run on the cluster of a configuration, which names it.
     *
     * @param mostRecords the newest that are read of each topic
     * @param terminal is told once why a topic cannot be read
     */
    public static WatchedRun onCluster(RespecConfig config, long mostRecords, Consumer<String> terminal) {
        ClusterHome home = new ClusterHome(config, config.run().id(), Clock.systemUTC());
        return new WatchedRun(home, new ClusterReading(config, mostRecords), terminal);
    }

    /** Handed to a reading; for the reader's thread only. */
    final class Watch {
        boolean isClosed() {
            return closed;
        }

        /** Nothing can be asked yet. */
        void notice(String text) {
            rows.show(state.reading(text));
        }

        /** A reading starts with empty tables. */
        void begin() {
            rows.clear();
        }

        /**
         * The tables are up to date.
         *
         * @param warnings what is missing from them
         */
        void show(RunDatabase opened, List<String> warnings) {
            warnings.forEach(WatchedRun.this::tell);
            rows.refresh(opened);
            rows.show(state.of(opened, warnings));
            database = opened;
            readings.incrementAndGet();
        }

        /** The tables are closed next. */
        void forget() {
            database = null;
        }

        /** Waits this long, and then until somebody looks. */
        void pause(Duration time) throws InterruptedException {
            WatchedRun.this.pause(time);
            awaitInterest();
        }
    }

    RunHome home() {
        return home;
    }

    RunRows rows() {
        return rows;
    }

    RunTokens tokens() {
        return tokens;
    }

    SharedAnswers answers() {
        return answers;
    }

    /** How often the tables were updated, whatever the number of viewers. */
    long readings() {
        return readings.get();
    }

    /** The tables of the run; empty until it has been read. */
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
        Watch watch = new Watch();
        try {
            while (!closed) {
                awaitInterest();
                try {
                    reading.read(watch);
                } catch (RuntimeException failure) {
                    tell(RunState.line(failure));
                    rows.show(state.failed(failure));
                    pause(RETRY);
                }
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(String line) {
        if (told.add(line)) {
            terminal.accept(line);
        }
    }

    private void awaitInterest() throws InterruptedException {
        synchronized (reader) {
            while (!closed && viewers.get() == 0 && System.nanoTime() - lastQuestion > INTEREST.toNanos()) {
                reader.wait();
            }
        }
    }

    /** Questions do not shorten it: viewers do not decide how often the topics are read. */
    private void pause(Duration time) throws InterruptedException {
        long until = System.nanoTime() + time.toNanos();
        synchronized (reader) {
            for (long left = time.toMillis(); !closed && left > 0; left = (until - System.nanoTime()) / 1_000_000) {
                reader.wait(left);
            }
        }
    }

    /** Lets the reader finish; interrupts it only if that takes long. */
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
