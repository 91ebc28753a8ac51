package dev.respec.ops.measure;

import dev.respec.generation.Evaluation.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** How a checkpoint answered held-out prompts, for people and for machines. */
public record EvaluationResult(int samplesPerPrompt, Mode sampled, Mode greedy) {

    /** @param errors of reward functions, each of which gave a reward of 0 */
    public record Mode(Outcome outcome, List<String> errors) {
        public Mode {
            errors = List.copyOf(errors);
        }

        private Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("mean_reward", outcome.meanReward());
            json.put("standard_error", Double.isNaN(outcome.standardError()) ? null : outcome.standardError());
            json.put("pass_at_k", outcome.passAtK());
            json.put("mean_response_tokens", outcome.meanTokens());
            json.put("truncated_share", outcome.truncatedShare());
            json.put("reward_errors", errors.size());
            json.put("seconds", outcome.seconds());
            return json;
        }

        private String line() {
            String passes = outcome.passAtK().entrySet().stream()
                    .map(entry -> String.format(Locale.ROOT, "pass@%d %.4f", entry.getKey(), entry.getValue()))
                    .collect(Collectors.joining(", "));
            String error = Double.isNaN(outcome.standardError())
                    ? ""
                    : String.format(Locale.ROOT, " ± %.4f", outcome.standardError());
            return String.format(
                    Locale.ROOT,
                    "%s; mean reward %.4f%s; %.1f tokens a response, %.1f %% cut off",
                    passes,
                    outcome.meanReward(),
                    error,
                    outcome.meanTokens(),
                    100 * outcome.truncatedShare());
        }
    }

    /** A summary, and what went wrong. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("%s, %s each"
                .formatted(count(sampled.outcome().prompts(), "held-out prompt"), count(samplesPerPrompt, "sample")));
        lines.add("sampled: " + sampled.line());
        lines.add("greedy:  " + greedy.line());
        var refused = sampled.outcome().refused();
        if (!refused.isEmpty()) {
            lines.add("left out: %s that cannot be answered, such as %s: %s"
                    .formatted(
                            count(refused.size(), "prompt"),
                            refused.get(0).question().id(),
                            refused.get(0).reason()));
        }
        int errors = sampled.errors().size() + greedy.errors().size();
        if (errors > 0) {
            List<String> first = sampled.errors().isEmpty() ? greedy.errors() : sampled.errors();
            lines.add("scored 0: %s whose reward function failed, such as %s"
                    .formatted(count(errors, "answer"), first.get(0)));
        }
        return lines;
    }

    private static String count(int count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }

    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("prompts", sampled.outcome().prompts());
        json.put("refused_prompts", sampled.outcome().refused().size());
        json.put("samples_per_prompt", samplesPerPrompt);
        json.put("sampled_pass_at_1", sampled.outcome().passAt1());
        json.put("greedy_pass_at_1", greedy.outcome().passAt1());
        json.put("mean_response_tokens", sampled.outcome().meanTokens());
        json.put("sampled", sampled.json());
        json.put("greedy", greedy.json());
        return json;
    }
}
