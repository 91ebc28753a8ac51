package dev.respec.scorer.reward;

import dev.respec.schemas.FinishReason;
import java.util.Map;

/** Inputs that differ in what a test is about. */
final class Inputs {
    private Inputs() {}

    static ScoringInput of(String response, String answer) {
        return of(response, answer, Map.of());
    }

    static ScoringInput of(String response, String answer, Map<String, String> metadata) {
        return new ScoringInput("prompt", response, answer, FinishReason.STOP, metadata);
    }

    static ScoringInput cutOff(String response, String answer) {
        return new ScoringInput("prompt", response, answer, FinishReason.LENGTH, Map.of());
    }
}
