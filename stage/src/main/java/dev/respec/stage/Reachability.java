package dev.respec.stage;

import dev.respec.topics.ClusterUnreachableException;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for broker and registry while they start, and says what it waits for. */
public final class Reachability {
    private static final Logger log = LoggerFactory.getLogger(Reachability.class);
    private static final Duration LONGEST_ATTEMPT = Duration.ofSeconds(10);
    private static final long PAUSE_MILLIS = 200;

    private final Check check;
    private final LongSupplier nanoTime;

    /** Asks broker and registry once. */
    @FunctionalInterface
    public interface Check {
        /** @throws ClusterUnreachableException if one of them does not answer in time or cannot be used */
        void verify(Duration timeout);
    }

    public Reachability(Check check, LongSupplier nanoTime) {
        this.check = check;
        this.nanoTime = nanoTime;
    }

    /**
     * Returns once both answer.
     *
     * @throws ClusterUnreachableException the newest failure, once the patience is over
     */
    public void await(Duration patience) throws InterruptedException {
        long deadline = nanoTime.getAsLong() + patience.toNanos();
        Duration attempt = patience.compareTo(LONGEST_ATTEMPT) < 0 ? patience : LONGEST_ATTEMPT;
        while (true) {
            try {
                check.verify(attempt);
                return;
            } catch (ClusterUnreachableException e) {
                if (nanoTime.getAsLong() >= deadline) {
                    throw e;
                }
                log.atInfo().addKeyValue("reason", e.getMessage()).log("Waiting for broker and registry");
                Thread.sleep(PAUSE_MILLIS);
            }
        }
    }
}
