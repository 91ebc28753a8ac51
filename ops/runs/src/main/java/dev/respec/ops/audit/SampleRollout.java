package dev.respec.ops.audit;

import dev.respec.schemas.Rollout;
import dev.respec.schemas.ScoredRollout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A rollout with its text, to look at.
 *
 * @param policyVersion that sampled its first token
 * @param answer the reference
 */
public record SampleRollout(
        String rolloutId,
        long policyVersion,
        String prompt,
        String response,
        String answer,
        double reward,
        int responseTokens) {
    /** Groups looked at from the beginning, and as many from the end. */
    private static final int GROUPS = 2;

    /** The best and the worst rollout of the first and of the last groups; one if all have the same reward. */
    static List<SampleRollout> choose(List<ScoredRollout> scored) {
        Map<String, List<SampleRollout>> groups = new LinkedHashMap<>();
        for (ScoredRollout each : scored) {
            if (each.getRollout() != null) {
                groups.computeIfAbsent(each.getRequestId(), id -> new ArrayList<>())
                        .add(of(each));
            }
        }
        List<List<SampleRollout>> inOrder = List.copyOf(groups.values());
        Set<SampleRollout> chosen = new LinkedHashSet<>();
        for (int i = 0; i < inOrder.size(); i++) {
            if (i < GROUPS || i >= inOrder.size() - GROUPS) {
                List<SampleRollout> group = inOrder.get(i);
                SampleRollout best = group.stream()
                        .max(Comparator.comparingDouble(SampleRollout::reward))
                        .orElseThrow();
                chosen.add(best);
                group.stream()
                        .min(Comparator.comparingDouble(SampleRollout::reward))
                        .filter(worst -> worst.reward() < best.reward())
                        .ifPresent(chosen::add);
            }
        }
        return List.copyOf(chosen);
    }

    private static SampleRollout of(ScoredRollout scored) {
        Rollout rollout = Objects.requireNonNull(scored.getRollout());
        PublishedRollout published = PublishedRollout.of(rollout);
        return new SampleRollout(
                rollout.getRolloutId(),
                published.oldestPolicyVersion(),
                rollout.getPrompt(),
                rollout.getResponse(),
                rollout.getAnswer(),
                scored.getReward(),
                published.responseTokens());
    }
}
