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
}
