package dev.respec.model.training;

/**
 * What a forward pass says of each response token.
 *
 * @param logProbabilities [row][response token]
 * @param entropies [row][response token], in nats
 */
@SuppressWarnings("ArrayRecordComponent") // carried to one reader, never compared
public record BatchOutcome(float[][] logProbabilities, float[][] entropies) {}
