package dev.respec.worker;

import dev.respec.schemas.RefusedRequest;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The requests that this worker answers for, and what became of the most recent ones. A request is claimed before it is
 * accepted from the queue, so that everybody who reads the worker's status knows whom to ask for it. Thread-safe.
 */
final class RequestClaims {
    /** Statuses repeat what has ended, because a reader may miss some of them. */
    static final int MOST_REMEMBERED = 256;

    private final Set<String> held = new LinkedHashSet<>();
    private final Set<String> finished = new LinkedHashSet<>();
    private final Deque<RefusedRequest> refused = new ArrayDeque<>();
    private long releases;

    /** What a status says. */
    record View(List<String> held, List<String> finished, List<RefusedRequest> refused) {}

    /** Claims a request; false if it is a repeat of one that this worker holds or has ended. */
    synchronized boolean claim(String requestId) {
        boolean ended = finished.contains(requestId)
                || refused.stream().anyMatch(refusal -> refusal.getRequestId().equals(requestId));
        return !ended && held.add(requestId);
    }

    /** Takes a claim back: the request belongs to the queue or to somebody else. */
    synchronized void withdraw(String requestId) {
        release(requestId);
    }

    /** All rollouts of the request are in the log. */
    synchronized void finish(String requestId) {
        release(requestId);
        finished.add(requestId);
        if (finished.size() > MOST_REMEMBERED) {
            finished.remove(finished.iterator().next());
        }
    }

    /** No worker can answer the request, and the dead letters have it. */
    synchronized void refuse(String requestId, String reason) {
        release(requestId);
        refused.add(new RefusedRequest(requestId, reason));
        if (refused.size() > MOST_REMEMBERED) {
            refused.remove();
        }
    }

    private void release(String requestId) {
        held.remove(requestId);
        releases++;
        notifyAll();
    }

    /** How often a claim has ended so far. */
    synchronized long releases() {
        return releases;
    }

    /** Returns once more claims have ended than this, or the time has passed. */
    synchronized void awaitRelease(long releases, Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toMillis(); this.releases <= releases && left > 0; ) {
            wait(left);
            left = (end - System.nanoTime()) / 1_000_000;
        }
    }

    /** Requests held. */
    synchronized int size() {
        return held.size();
    }

    synchronized View view() {
        return new View(new ArrayList<>(held), new ArrayList<>(finished), new ArrayList<>(refused));
    }
}
