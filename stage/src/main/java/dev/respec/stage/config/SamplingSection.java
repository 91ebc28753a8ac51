package dev.respec.stage.config;

public record SamplingSection(double temperature, double topP, int topK, int maxTokens) {
    public SamplingSection {
        InvalidValue.notNegative("temperature", temperature);
        InvalidValue.require(topP > 0 && topP <= 1, "top-p", topP, "a number above 0 and at most 1");
        InvalidValue.atLeast(0, "top-k", topK);
        InvalidValue.atLeast(1, "max-tokens", maxTokens);
    }
}
