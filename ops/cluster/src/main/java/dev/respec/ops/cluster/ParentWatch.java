package dev.respec.ops.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CountDownLatch;

/**
 * A supervised process's tie to its supervisor. The supervisor holds the other end of standard input: a line on it says
 * that broker, registry and topics are there; its end says that the supervisor has died, and this process follows.
 */
public final class ParentWatch {
    /** Set to "true" in processes that a supervisor started. */
    public static final String PROPERTY = "respec.supervised";

    private static final long MOST_SHUTDOWN_MILLISECONDS = 10_000;
    private static final CountDownLatch RELEASED = new CountDownLatch(1);

    private ParentWatch() {}

    /** Whether a supervisor started this process. */
    public static boolean supervised() {
        return Boolean.getBoolean(PROPERTY);
    }

    /** Starts the watch if this process is supervised; does nothing otherwise. */
    public static void startIfSupervised() {
        if (supervised()) {
            Thread watch = new Thread(() -> watch(System.in), "parent-watch");
            watch.setDaemon(true);
            watch.start();
        } else {
            RELEASED.countDown();
        }
    }

    /** Returns once the supervisor has said that what this process needs is there; at once if there is none. */
    public static void awaitRelease() throws InterruptedException {
        RELEASED.await();
    }

    private static void watch(InputStream fromSupervisor) {
        try {
            int read;
            while ((read = fromSupervisor.read()) != -1) {
                if (read == '\n') {
                    RELEASED.countDown();
                }
            }
        } catch (IOException supervisorIsGone) {
            // The same as the end of the stream.
        }
        Thread last = new Thread(ParentWatch::halt, "parent-watch-halt");
        last.setDaemon(true);
        last.start();
        System.exit(143);
    }

    private static void halt() {
        try {
            Thread.sleep(MOST_SHUTDOWN_MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(143);
    }
}
