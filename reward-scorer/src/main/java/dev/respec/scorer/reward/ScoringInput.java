package dev.respec.scorer.reward;

import dev.respec.schemas.FinishReason;
import java.util.Map;
import java.util.Objects;

/**
 * What a reward function sees of a rollout.
 *
 * @param response decoded text, special tokens left out
 * @param answer reference answer of the data line
 * @param finishReason {@code STOP} when the policy ended the response itself
 * @param metadata further fields of the data line
 */
public record ScoringInput(
        String prompt, String response, String answer, FinishReason finishReason, Map<String, String> metadata) {
    public ScoringInput {
        Objects.requireNonNull(prompt, "prompt");
        Objects.requireNonNull(response, "response");
        Objects.requireNonNull(answer, "answer");
        Objects.requireNonNull(finishReason, "finishReason");
        metadata = Map.copyOf(metadata);
    }
}
