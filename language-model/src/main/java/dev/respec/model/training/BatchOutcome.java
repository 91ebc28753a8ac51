package dev.respec.model.training;

/**
 * What a forward pass says of each response token.
 *
 * @param logProbabilities [row][response token]
 * @param entropies [row][response token], in nats
 */
@SuppressWarnings("ArrayRecordComponent") // carried to one reader, never compared
public record BatchOutcome(float[][] logProbabilities, float[][] entropies) {
    /** Sum of a value of every response token. */
    public static double sum(float[][] values) {
        double sum = 0;
        for (float[] row : values) {
            for (float value : row) {
                sum += value;
            }
        }
        return sum;
    }
}
