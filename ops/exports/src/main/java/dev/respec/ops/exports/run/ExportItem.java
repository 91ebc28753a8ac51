package dev.respec.ops.exports.run;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is exported of one step, one round of the learner or one evaluation. Items of a kind ascend by step.
 *
 * @param kind a target remembers the last step of each kind
 * @param labels distinguish series of the same name, in order
 * @param scalars by name, such as {@code train/loss}; all finite
 * @param distributions by name; none is empty
 * @param texts Markdown by name
 */
public record ExportItem(
        String kind,
        long step,
        Instant started,
        Instant finished,
        SortedMap<String, String> labels,
        SortedMap<String, Double> scalars,
        SortedMap<String, List<Double>> distributions,
        SortedMap<String, String> texts) {
    public ExportItem {
        labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
        scalars = Collections.unmodifiableSortedMap(new TreeMap<>(scalars));
        distributions = Collections.unmodifiableSortedMap(new TreeMap<>(distributions));
        texts = Collections.unmodifiableSortedMap(new TreeMap<>(texts));
    }

    /** The name for targets without labels, with the labels after its first part. */
    public String tag(String name) {
        if (labels.isEmpty()) {
            return name;
        }
        List<String> parts = new ArrayList<>(List.of(name.split("/", 2)));
        parts.addAll(1, labels.values());
        return String.join("/", parts);
    }

    /** Whether a target that remembers these steps lacks the item. */
    public boolean isAfter(Map<String, Long> progress) {
        return step > progress.getOrDefault(kind, -1L);
    }
}
