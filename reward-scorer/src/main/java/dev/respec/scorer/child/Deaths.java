package dev.respec.scorer.child;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Counts the processes that each function has killed. After {@value #MOST} within {@link #WINDOW} the function rests
 * for that long, so that the machine does not spend its time starting processes. Thread-safe.
 */
final class Deaths {
    static final int MOST = 8;
    static final Duration WINDOW = Duration.ofSeconds(60);

    private final Clock clock;
    private final Map<String, Deque<Instant>> recent = new HashMap<>();
    private final Map<String, Instant> restUntil = new HashMap<>();

    Deaths(Clock clock) {
        this.clock = clock;
    }

    /** When the function's rest ends; empty if it is not resting. */
    synchronized Optional<Instant> rest(String function) {
        return Optional.ofNullable(restUntil.get(function)).filter(clock.instant()::isBefore);
    }

    /** Returns whether the function rests from now on. */
    synchronized boolean add(String function) {
        Instant now = clock.instant();
        Deque<Instant> deaths = recent.computeIfAbsent(function, name -> new ArrayDeque<>());
        deaths.addLast(now);
        while (deaths.getFirst().isBefore(now.minus(WINDOW))) {
            deaths.removeFirst();
        }
        if (deaths.size() < MOST) {
            return false;
        }
        deaths.clear();
        restUntil.put(function, now.plus(WINDOW));
        return true;
    }
}
