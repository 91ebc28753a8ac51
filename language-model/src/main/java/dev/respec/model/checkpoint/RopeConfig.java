package dev.respec.model.checkpoint;

import org.jspecify.annotations.Nullable;

/**
 * Rotary position embedding.
 *
 * @param theta the base of the wavelengths
 * @param scaling how they are stretched, or null
 */
public record RopeConfig(double theta, @Nullable RopeScaling scaling) {
    public RopeConfig {
        if (!(theta > 0)) {
            throw new IllegalArgumentException("field rope_theta: expected a positive number, found " + theta);
        }
    }

    /** Radians per position, one for each of the headDimension/2 rotated pairs (split-half layout). */
    public float[] inverseFrequencies(int headDimension) {
        var frequencies = new float[headDimension / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = (float)
                    (scaling == null
                            ? Math.pow(theta, -2.0 * i / headDimension)
                            : scaling.frequency(i, headDimension, theta));
        }
        return frequencies;
    }

    /** Factor on rotated queries and on rotated keys. */
    public double attentionFactor() {
        return scaling == null ? 1 : scaling.attentionFactor();
    }
}
