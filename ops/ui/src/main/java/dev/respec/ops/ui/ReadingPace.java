package dev.respec.ops.ui;

import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * Decides when a run is read next, so that reading takes a small share of the machine's processors however expensive
 * one reading is. Owned by the reader's thread.
 */
final class ReadingPace {
    private static final double SHARE = 0.0075;
    private static final Duration SHORTEST = Duration.ofSeconds(2);
    private static final Duration LONGEST = Duration.ofSeconds(20);

    private final int processors;
    private long begun;

    ReadingPace(int processors) {
        this.processors = processors;
        begin();
    }

    static ReadingPace ofThisMachine() {
        return new ReadingPace(Runtime.getRuntime().availableProcessors());
    }

    /** A reading begins. */
    void begin() {
        begun = processorNanos();
    }

    /** How long to wait after the reading that ends now. */
    Duration pause() {
        return after(Duration.ofNanos(processorNanos() - begun));
    }

    /** How long to wait after a reading that took this much of one processor. */
    Duration after(Duration processorTime) {
        Duration pause = Duration.ofNanos((long) (processorTime.toNanos() / (SHARE * processors)));
        if (pause.compareTo(SHORTEST) < 0) {
            return SHORTEST;
        }
        return pause.compareTo(LONGEST) > 0 ? LONGEST : pause;
    }

    /** 0 if the virtual machine does not say: then the shortest pause applies. */
    private static long processorNanos() {
        return Math.max(0, ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime());
    }
}
