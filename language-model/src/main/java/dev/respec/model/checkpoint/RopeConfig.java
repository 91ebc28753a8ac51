package dev.respec.model.checkpoint;

import org.jspecify.annotations.Nullable;

/**
 * Rotary position embedding.
 *
 * @param theta the base of the wavelengths
 * @param scaling the Llama 3 stretching of long wavelengths, or null
 */
public record RopeConfig(double theta, @Nullable Llama3Scaling scaling) {
    public RopeConfig {
        if (!(theta > 0)) {
            throw new IllegalArgumentException("rope theta must be positive, found " + theta);
        }
    }

    /** {@code rope_type: llama3}: wavelengths beyond the original context are divided by the factor. */
    public record Llama3Scaling(
            double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalMaxPositions) {
        public Llama3Scaling {
            if (!(factor >= 1) || !(highFrequencyFactor > lowFrequencyFactor) || originalMaxPositions < 1) {
                throw new IllegalArgumentException(
                        "llama3 rope scaling needs factor >= 1, high_freq_factor > low_freq_factor and positive"
                                + " original_max_position_embeddings, found %s, %s, %s, %d"
                                        .formatted(
                                                factor, highFrequencyFactor, lowFrequencyFactor, originalMaxPositions));
            }
        }

        double scale(double frequency) {
            double wavelength = 2 * Math.PI / frequency;
            if (wavelength < originalMaxPositions / highFrequencyFactor) {
                return frequency;
            }
            if (wavelength > originalMaxPositions / lowFrequencyFactor) {
                return frequency / factor;
            }
            double smooth = (originalMaxPositions / wavelength - lowFrequencyFactor)
                    / (highFrequencyFactor - lowFrequencyFactor);
            return (1 - smooth) * frequency / factor + smooth * frequency;
        }
    }

    /** Radians per position, one for each of the headDimension/2 rotated pairs (split-half layout). */
    public float[] inverseFrequencies(int headDimension) {
        var frequencies = new float[headDimension / 2];
        for (int i = 0; i < frequencies.length; i++) {
            double frequency = Math.pow(theta, -2.0 * i / headDimension);
            frequencies[i] = (float) (scaling == null ? frequency : scaling.scale(frequency));
        }
        return frequencies;
    }
}
