package dev.respec.model.sampling;

/** Weights in plain loops. */
final class PlainLogitWeights implements LogitWeights {
    @Override
    public int largest(float[] logits, int at, int count) {
        int best = 0;
        float max = logits[at];
        for (int i = 1; i < count; i++) {
            float logit = logits[at + i];
            if (logit > max) {
                max = logit;
                best = i;
            }
        }
        return best;
    }

    @Override
    public double weigh(float[] logits, int at, int count, double max, double scale, double[] out, int from) {
        for (int i = 0; i < count; i++) {
            out[from + i] = logits[at + i];
        }
        ExponentialWeights.apply(out, from, from + count, max, scale);
        return ExponentialWeights.sum(out, from, from + count);
    }

    /** Without branches, which a flat distribution would make unpredictable. */
    @Override
    public double cut(double[] weights, int from, int count, double threshold) {
        long limit = Double.doubleToRawLongBits(threshold); // bits of numbers that are not negative are in their order
        for (int i = from; i < from + count; i++) {
            long bits = Double.doubleToRawLongBits(weights[i]);
            weights[i] = Double.longBitsToDouble(bits & ~(bits - limit >> 63));
        }
        return ExponentialWeights.sum(weights, from, from + count);
    }

    @Override
    public double sumFrom(double[] weights, double threshold) {
        double sum = 0;
        for (double weight : weights) {
            sum += weight >= threshold ? weight : 0;
        }
        return sum;
    }

    @Override
    public int collect(double[] weights, double low, double high, double[] out) {
        int count = 0;
        for (double weight : weights) {
            if (weight >= low && weight < high) {
                out[count++] = weight;
            }
        }
        return count;
    }

    @Override
    public int maxima(double[] weights, int run, double[] out) {
        int runs = 0;
        for (int first = 0; first < weights.length; first += run) {
            double most = 0;
            for (int i = first; i < Math.min(weights.length, first + run); i++) {
                most = weights[i] > most ? weights[i] : most;
            }
            out[runs++] = most;
        }
        return runs;
    }
}
