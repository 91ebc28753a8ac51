package dev.respec.trainer.curriculum;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/** The pass rates of the newest groups of each prompt. Owned by the trainer's thread. */
final class PassRates {
    private final int window;
    private final Map<String, Deque<Double>> rates = new HashMap<>();

    PassRates(int window, Map<String, List<Double>> earlier) {
        this.window = window;
        earlier.forEach((id, values) -> values.forEach(value -> add(id, value)));
        earlier.keySet().forEach(this::asked);
    }

    void add(String promptId, double passRate) {
        var newest = rates.computeIfAbsent(promptId, id -> new ArrayDeque<>());
        newest.add(passRate);
        while (newest.size() > window) {
            newest.remove();
        }
    }

    /** The prompt counts as seen, even if no answer comes. */
    void asked(String promptId) {
        rates.computeIfAbsent(promptId, id -> new ArrayDeque<>());
    }

    boolean wasAsked(String promptId) {
        return rates.containsKey(promptId);
    }

    /** Mean over the window; empty if there was no answer. */
    OptionalDouble of(String promptId) {
        return mean(rates.getOrDefault(promptId, new ArrayDeque<>()));
    }

    /** Prompts with answers whose pass rate is this one. */
    long count(double passRate) {
        return rates.values().stream()
                .filter(each -> mean(each).orElse(Double.NaN) == passRate)
                .count();
    }

    /** Prompts with answers. */
    long count() {
        return rates.values().stream().filter(each -> !each.isEmpty()).count();
    }

    private static OptionalDouble mean(Collection<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average();
    }

    SortedMap<String, List<Double>> state() {
        var state = new TreeMap<String, List<Double>>();
        rates.forEach((id, values) -> state.put(id, new ArrayList<>(values)));
        return state;
    }
}
