package dev.respec.trainer;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Where a step's time went, in milliseconds by phase. */
final class Phases {
    private final Map<String, Double> milliseconds = new TreeMap<>();

    <T> T time(String phase, Supplier<T> work) {
        var start = System.nanoTime();
        try {
            return work.get();
        } finally {
            add(phase, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    void time(String phase, Runnable work) {
        time(phase, () -> {
            work.run();
            return true;
        });
    }

    void add(String phase, Duration duration) {
        milliseconds.merge(phase, duration.toNanos() / 1e6, Double::sum);
    }

    double get(String phase) {
        return milliseconds.getOrDefault(phase, 0.0);
    }

    Map<String, Double> asMap() {
        return Map.copyOf(milliseconds);
    }
}
