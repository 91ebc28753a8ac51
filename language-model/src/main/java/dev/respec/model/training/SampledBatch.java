package dev.respec.model.training;

/**
 * Rows and what their responses were sampled at.
 *
 * @param temperature above 0
 */
public record SampledBatch(TokenBatch tokens, double temperature) {}
