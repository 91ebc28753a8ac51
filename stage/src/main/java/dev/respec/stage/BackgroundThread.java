package dev.respec.stage;

import java.time.Duration;

/** A daemon thread that works until it is closed: its work asks {@link #isOpen} again and again, and ends when it is not. */
public final class BackgroundThread implements AutoCloseable {
    private final Thread thread;
    private final Duration patience;
    private volatile boolean closed;

    /**
     * A thread that does not run yet.
     *
     * @param patience how long {@link #close} waits for the work to end
     */
    public BackgroundThread(String name, Duration patience, Runnable work) {
        this.patience = patience;
        this.thread = new Thread(work, name);
        thread.setDaemon(true);
    }

    /** To be called once. */
    public void start() {
        thread.start();
    }

    /** False as soon as {@link #close} is called. */
    public boolean isOpen() {
        return !closed;
    }

    /** Waits for the end of the work, but no longer than its patience; returns at once if the thread was never started. */
    @Override
    public void close() {
        closed = true;
        try {
            thread.join(patience.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
