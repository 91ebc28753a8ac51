package dev.respec.ops.exports.run;

import dev.respec.schemas.EvaluationRequestId;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.TrainingStep;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Keeps what is exported of scored rollouts until their step arrives. */
final class StepRollouts {
    private static final int MOST_TEXT = 4_000;
    private static final int SHOWN_GROUPS = 2;

    private final Map<String, Group> groups = new HashMap<>();

    private static final class Group {
        final List<Double> lengths = new ArrayList<>();
        final List<Double> rewards = new ArrayList<>();

        @Nullable
        Sample best;

        @Nullable
        Sample worst;
    }

    private record Sample(String rolloutId, String prompt, String response, double reward) {
        String markdown() {
            return String.format(
                    Locale.ROOT, "**%s**, reward %s%n%n%s%n%n%s", rolloutId, reward, fenced(prompt), fenced(response));
        }

        private static String fenced(String text) {
            String shown = text.length() > MOST_TEXT ? text.substring(0, MOST_TEXT) + " …" : text;
            return "    " + shown.replace("\n", "\n    ");
        }
    }

    void add(ScoredRollout scored) {
        Rollout rollout = scored.getRollout();
        if (rollout == null || EvaluationRequestId.isIn(scored.getRequestId())) {
            return;
        }
        Group group = groups.computeIfAbsent(scored.getRequestId(), id -> new Group());
        group.lengths.add((double) rollout.getResponseTokens().remaining() / Integer.BYTES);
        group.rewards.add(scored.getReward());
        Sample sample =
                new Sample(rollout.getRolloutId(), rollout.getPrompt(), rollout.getResponse(), scored.getReward());
        if (group.best == null || sample.reward() > group.best.reward()) {
            group.best = sample;
        }
        if (group.worst == null || sample.reward() < group.worst.reward()) {
            group.worst = sample;
        }
    }

    /** What is exported of a step's rollouts. */
    record Told(SortedMap<String, List<Double>> distributions, SortedMap<String, String> texts) {}

    /** Takes the groups of a step; nothing is kept of those that it dropped. */
    Told take(TrainingStep step) {
        List<Double> lengths = new ArrayList<>();
        List<Double> rewards = new ArrayList<>();
        List<String> samples = new ArrayList<>();
        for (String requestId : step.getRequestIds()) {
            Group group = groups.remove(requestId);
            if (group == null) {
                continue;
            }
            lengths.addAll(group.lengths);
            rewards.addAll(group.rewards);
            if (samples.size() < 2 * SHOWN_GROUPS) {
                addSamples(group, samples);
            }
        }
        step.getDroppedRequestIds().forEach(dropped -> groups.remove(dropped.split(" ", 2)[0]));
        SortedMap<String, List<Double>> distributions = new TreeMap<>();
        SortedMap<String, String> texts = new TreeMap<>();
        if (!lengths.isEmpty()) {
            distributions.put("rollouts/response_length", lengths);
            distributions.put("rollouts/reward", rewards);
            texts.put("rollouts/samples", String.join("\n\n---\n\n", samples));
        }
        return new Told(distributions, texts);
    }

    private static void addSamples(Group group, List<String> samples) {
        Sample best = group.best;
        Sample worst = group.worst;
        if (best != null && worst != null) {
            samples.add(best.markdown());
            if (worst != best) {
                samples.add(worst.markdown());
            }
        }
    }
}
