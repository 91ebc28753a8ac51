package dev.respec.model.checkpoint;

/** How a rotary embedding is stretched beyond the context that a model was first trained on. Formulas: transformers. */
public sealed interface RopeScaling {
    /**
     * The frequency of one rotated pair.
     *
     * @param pair counts from 0 to headDimension/2 - 1
     * @param theta the base of the wavelengths
     * @return radians per position
     */
    double frequency(int pair, int headDimension, double theta);

    /** Factor on rotated queries and on rotated keys. */
    default double attentionFactor() {
        return 1;
    }

    private static double unscaled(int pair, int headDimension, double theta) {
        return Math.pow(theta, -2.0 * pair / headDimension);
    }

    /** {@code rope_type: linear}: every position counts 1 / factor. */
    record Linear(double factor) implements RopeScaling {
        public Linear {
            if (!(factor >= 1)) {
                throw new IllegalArgumentException("linear rope scaling needs factor >= 1, found " + factor);
            }
        }

        @Override
        public double frequency(int pair, int headDimension, double theta) {
            return unscaled(pair, headDimension, theta) / factor;
        }
    }

    /** {@code rope_type: llama3}: wavelengths beyond the original context are divided by the factor. */
    record Llama3(double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalMaxPositions)
            implements RopeScaling {
        public Llama3 {
            if (!(factor >= 1) || !(highFrequencyFactor > lowFrequencyFactor) || originalMaxPositions < 1) {
                throw new IllegalArgumentException(
                        "llama3 rope scaling needs factor >= 1, high_freq_factor > low_freq_factor and positive"
                                + " original_max_position_embeddings, found %s, %s, %s, %d"
                                        .formatted(
                                                factor, highFrequencyFactor, lowFrequencyFactor, originalMaxPositions));
            }
        }

        @Override
        public double frequency(int pair, int headDimension, double theta) {
            double frequency = unscaled(pair, headDimension, theta);
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

    /**
     * {@code rope_type: yarn} (Peng et al. 2023, arXiv 2309.00071): pairs that turn more than betaFast times within the
     * original context keep their frequency, those that turn less than betaSlow times are divided by the factor.
     *
     * @param truncate whether the two bounds are widened to whole pairs
     */
    record Yarn(
            double factor,
            int originalMaxPositions,
            double betaFast,
            double betaSlow,
            boolean truncate,
            double attentionFactor)
            implements RopeScaling {
        public Yarn {
            if (!(factor >= 1)
                    || originalMaxPositions < 1
                    || !(betaFast > betaSlow)
                    || !(betaSlow > 0)
                    || !(attentionFactor > 0)) {
                throw new IllegalArgumentException(
                        "yarn rope scaling needs factor >= 1, positive original_max_position_embeddings,"
                                + " beta_fast > beta_slow > 0 and positive attention_factor, found %s, %d, %s, %s, %s"
                                        .formatted(factor, originalMaxPositions, betaFast, betaSlow, attentionFactor));
            }
        }

        /** The attention factor if a configuration names none. */
        static double attentionFactor(double factor, double magnitude) {
            return factor <= 1 ? 1 : 0.1 * magnitude * Math.log(factor) + 1;
        }

        @Override
        public double frequency(int pair, int headDimension, double theta) {
            double low = Math.max(bound(betaFast, headDimension, theta, false), 0);
            double high = Math.min(bound(betaSlow, headDimension, theta, true), headDimension - 1);
            double width = low == high ? 0.001 : high - low;
            double interpolated = Math.min(1, Math.max(0, (pair - low) / width));
            double frequency = unscaled(pair, headDimension, theta);
            return frequency / factor * interpolated + frequency * (1 - interpolated);
        }

        /** The pair that turns so many times within the original context. */
        private double bound(double turns, int headDimension, double theta, boolean upwards) {
            double pair =
                    headDimension * Math.log(originalMaxPositions / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
            if (!truncate) {
                return pair;
            }
            return upwards ? Math.ceil(pair) : Math.floor(pair);
        }
    }
}
