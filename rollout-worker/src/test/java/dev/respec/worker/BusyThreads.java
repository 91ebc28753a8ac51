package dev.respec.worker;

import java.util.concurrent.atomic.AtomicBoolean;

/** Threads that keep processors busy beside a test, as many as {@code -Drespec.queue.busy} says; none by default. */
final class BusyThreads implements AutoCloseable {
    static final int COUNT = Integer.getInteger("respec.queue.busy", 0);

    private final AtomicBoolean ended = new AtomicBoolean();

    BusyThreads() {
        for (int number = 0; number < COUNT; number++) {
            Thread busy = new Thread(this::spin, "busy-" + number);
            busy.setDaemon(true);
            busy.start();
        }
    }

    private void spin() {
        while (!ended.get()) {
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        ended.set(true);
    }
}
