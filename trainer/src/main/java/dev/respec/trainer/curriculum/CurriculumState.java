package dev.respec.trainer.curriculum;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What draws depend on, as it stands in a checkpoint.
 *
 * @param passRates by id of each prompt that was asked, those of its newest groups, oldest first; empty if it was never
 *     answered
 * @param drawn id of the prompt by position, of the positions that are in flight or to be asked again
 */
public record CurriculumState(SortedMap<String, List<Double>> passRates, SortedMap<Long, String> drawn) {
    /** Nothing drawn yet. */
    public static final CurriculumState INITIAL = new CurriculumState(new TreeMap<>(), new TreeMap<>());

    public CurriculumState {
        passRates = Collections.unmodifiableSortedMap(copied(passRates));
        drawn = Collections.unmodifiableSortedMap(new TreeMap<>(drawn));
    }

    private static SortedMap<String, List<Double>> copied(Map<String, List<Double>> passRates) {
        var copy = new TreeMap<String, List<Double>>();
        passRates.forEach((id, rates) -> copy.put(id, List.copyOf(rates)));
        return copy;
    }
}
