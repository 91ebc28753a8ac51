package dev.respec.ops.audit;

import dev.respec.trainer.admission.DroppedRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Every group that dynamic sampling set aside is complete and taught nothing: two of its answers that have the same length
 * have the same reward. A penalty on the length can make rewards equal that are recorded as different, so answers of
 * different lengths say nothing.
 */
final class SetAsideRules {
    private SetAsideRules() {}

    static void check(RunRecords records, TrainingUse use, Violations violations) {
        Map<String, List<ScoredRecord>> groups = new HashMap<>();
        use.dropped().forEach((id, reason) -> {
            if (reason.equals(DroppedRequest.EQUAL_REWARDS)) {
                groups.put(id, new ArrayList<>());
            }
        });
        for (ScoredRecord record : records.scored()) {
            List<ScoredRecord> group = groups.get(record.requestId());
            if (group != null) {
                group.add(record);
            }
        }
        groups.forEach((id, group) -> check(id, group, violations));
    }

    private static void check(String requestId, List<ScoredRecord> group, Violations violations) {
        if (group.isEmpty() || !group.stream().allMatch(ScoredRecord::inCompleteGroup)) {
            violations.add("group set aside that is not complete", requestId);
            return;
        }
        Map<Integer, Double> rewards = new HashMap<>();
        for (ScoredRecord record : group) {
            PublishedRollout rollout = record.rollout();
            if (rollout != null) {
                Double before = rewards.putIfAbsent(rollout.responseTokens(), record.reward());
                if (before != null && before != record.reward()) {
                    violations.add(
                            "group set aside whose rewards differ",
                            rollout.rolloutId() + " has " + record.reward() + ", another of its length " + before);
                }
            }
        }
    }
}
