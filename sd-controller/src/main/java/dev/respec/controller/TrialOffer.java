package dev.respec.controller;

import dev.respec.speculation.Setting;

/**
 * A comparison of a rival with the setting in force: what it promises and what it costs, both in milliseconds of generation.
 *
 * <p>The promise is the knowledge gradient (Frazier, Powell and Dayanik, 2008): how much faster than the setting in force the
 * better of the two is expected to be once the result is known, for as long as the result is expected to be of use. A rival
 * that is believed to be much slower promises little, and so does one that is well known. The cost is the time that the
 * rival's turns lose if it is as slow as it is believed to be; one that is nearly as fast costs next to nothing.
 *
 * @param doublePairs of turns, A B B A
 * @param turnMillis length of a turn
 * @param rivalMillis time of the rival's steps
 * @param promise expected gain
 * @param loss expected cost
 */
record TrialOffer(Setting rival, int doublePairs, double turnMillis, double rivalMillis, double promise, double loss) {
    /**
     * For how long a result is expected to be of use, of the time on the clock: after five minutes a setting has drifted by
     * about as much as two settings must differ to be told apart.
     */
    private static final double HORIZON_MILLIS = 300_000;

    /**
     * Time of a turn to aim at. Many short turns tell more than a few long ones of the same time, because most of a
     * machine's noise is gone after milliseconds (docs/LOG.md); but each begins with a step that does not count.
     */
    private static final double TURN_MILLIS = 20;

    static final int FEWEST_TURN_STEPS = 2;

    /** More are weighed, because a result may only change the choice once it is this sure, but not run without a look. */
    static final int MOST_DOUBLE_PAIRS = 8;

    private static final int MOST_WEIGHED = 64;

    /** Share of its rival's time that a trial costs at least, so that what is free is still ranked by what it promises. */
    private static final double LEAST_LOSS = 0.02;

    /**
     * What is known at a range of batches.
     *
     * @param activeBatch of recent steps
     * @param stepMillis of the same steps
     * @param busyWorkers workers that are there at any moment, in the mean: what is learned serves all of them
     * @param pairVariance of the logarithm that a pair of turns shows
     * @param switchMillis that the first step after a change of setting takes longer than the others
     */
    record Terms(double activeBatch, double stepMillis, double busyWorkers, double pairVariance, double switchMillis) {}

    /** The length that promises most for its cost, as much of it as is run without a look at the results. */
    static TrialOffer best(SettingEstimate rival, Choice choice, double hysteresis, Terms terms) {
        TrialOffer best = of(rival, choice, hysteresis, terms, 1);
        for (int doublePairs = 2; doublePairs <= MOST_WEIGHED; doublePairs *= 2) {
            TrialOffer longer = of(rival, choice, hysteresis, terms, doublePairs);
            best = longer.worth() > best.worth() ? longer : best;
        }
        return best;
    }

    /** Of a given length. */
    static TrialOffer of(SettingEstimate rival, Choice choice, double hysteresis, Terms terms, int doublePairs) {
        double ratio = rival.gain() / choice.gain();
        double step = terms.stepMillis() * rival.cost() / choice.cost();
        // turns of both sides take the same time, however many steps that are: noise belongs to time
        double turnMillis = Math.max(TURN_MILLIS, FEWEST_TURN_STEPS * Math.max(step, terms.stepMillis()));
        double rivalMillis = 2 * doublePairs * (turnMillis + step);
        double samples = rivalMillis / step * terms.activeBatch();
        double learned =
                learned(rival.costVariance(), CostDeviations.errorVariance(2.0 * doublePairs, terms.pairVariance()))
                        + rival.acceptanceVariance() * AcceptanceEvidence.learned(samples, rival.samples());
        double improvement = improvement(Math.log(ratio / (1 + hysteresis)), Math.sqrt(learned));
        double loss = rivalMillis * Math.max(LEAST_LOSS, 1 - ratio) + 2 * doublePairs * terms.switchMillis();
        return new TrialOffer(
                rival.setting(),
                doublePairs,
                turnMillis,
                rivalMillis,
                improvement * HORIZON_MILLIS * terms.busyWorkers(),
                loss);
    }

    /** Of the length of a short comparison, whatever it promises: as long as the most pairs of the shortest turns take. */
    static TrialOffer audit(SettingEstimate rival, Choice choice, double hysteresis, Terms terms) {
        double turnMillis = of(rival, choice, hysteresis, terms, 1).turnMillis();
        int doublePairs = (int) Math.max(1, MOST_DOUBLE_PAIRS * TURN_MILLIS / turnMillis);
        return of(rival, choice, hysteresis, terms, doublePairs);
    }

    /** Promise for the cost; a trial is worth running from 1 on. */
    double worth() {
        return promise / loss;
    }

    /** The same with fewer pairs: what is run now of a longer comparison. */
    TrialOffer first(int pairs) {
        double share = Math.min(1, (double) pairs / doublePairs);
        return new TrialOffer(
                rival, Math.min(pairs, doublePairs), turnMillis, share * rivalMillis, share * promise, share * loss);
    }

    /** By how much an observation is expected to move a mean, as a variance. */
    static double learned(double variance, double ofObservation) {
        return variance == 0 ? 0 : variance * variance / (variance + ofObservation);
    }

    /** E[max(0, X)] of a normal X. */
    static double improvement(double mean, double deviation) {
        if (deviation == 0) {
            return Math.max(0, mean);
        }
        double z = mean / deviation;
        double density = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
        return mean * NormalDistribution.below(z) + deviation * density;
    }
}
