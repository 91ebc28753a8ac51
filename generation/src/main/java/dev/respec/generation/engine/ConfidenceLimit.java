package dev.respec.generation.engine;

import dev.respec.model.sampling.ChainLimit;
import java.util.Arrays;

/**
 * Ends a chain before a token that is expected to gain less than it costs.
 *
 * <p>A token gains what its chance of being reached and accepted says, one token at most; it costs the tokens that the
 * engine would emit in the time of one more row. Speed is then tokens over time at its highest: both fall together at the
 * margin (Dinkelbach 1967). Chances only fall along a chain, so the first token that does not pay ends it.
 */
final class ConfidenceLimit implements ChainLimit {
    /** Weight of one sequence in the mean acceptance by position. */
    private static final double NEW = 1.0 / 256;

    private final AcceptanceByConfidence rates = new AcceptanceByConfidence();
    private DraftLimits.Prices prices = DraftLimits.Prices.FREE;
    private double[] reached = new double[0];
    private double[][] confidences = new double[0][];
    private double[] meanRates = new double[0];
    private long version;
    private int passes;

    /** @param newestVersion of the drafter's weights */
    void begin(int sequences, long newestVersion, DraftLimits.Prices ofStep) {
        if (version != newestVersion) {
            rates.renew();
            version = newestVersion;
        }
        prices = ofStep;
        passes = 0;
        if (reached.length < sequences) {
            reached = new double[sequences];
            confidences = Arrays.copyOf(confidences, sequences);
        }
        Arrays.fill(reached, 1);
    }

    /** Passes of the drafter in this step. */
    int passes() {
        return passes;
    }

    @Override
    public boolean choose(int position, double[] ofSequences, boolean[] goesOn) {
        passes = position + 1;
        double next = meanRate(position + 1);
        double surplus = 0;
        for (int sequence = 0; sequence < goesOn.length; sequence++) {
            if (!goesOn[sequence]) {
                continue;
            }
            double rate = rates.rate(ofSequences[sequence]);
            meanRates[position] += NEW * (rate - meanRates[position]);
            reached[sequence] *= rate;
            if (reached[sequence] < prices.row()) {
                goesOn[sequence] = false;
            } else {
                remember(sequence, position, ofSequences[sequence]);
                surplus += Math.max(0, reached[sequence] * next - prices.row());
            }
        }
        return surplus >= prices.pass();
    }

    private double meanRate(int position) {
        if (meanRates.length <= position) {
            int known = meanRates.length;
            meanRates = Arrays.copyOf(meanRates, position + 1);
            Arrays.fill(meanRates, known, position + 1, 1);
        }
        return meanRates[position];
    }

    private void remember(int sequence, int position, double confidence) {
        double[] own = confidences[sequence];
        if (own == null || own.length <= position) {
            own = own == null ? new double[8] : Arrays.copyOf(own, 2 * own.length);
            confidences[sequence] = own;
        }
        own[position] = confidence;
    }

    /** Positions up to the first rejection were tried. */
    void verified(int sequence, int drafted, int accepted) {
        for (int position = 0; position < Math.min(drafted, accepted + 1) && position < passes; position++) {
            rates.observe(confidences[sequence][position], position < accepted);
        }
    }
}
