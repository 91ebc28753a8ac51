package dev.respec.controller;

import dev.respec.schemas.SettingStatistics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is known of one drafter family's acceptance by position, recent counts weighing more.
 *
 * <p>The estimate is of c(k), the probability that draft token k is accepted once k − 1 tokens were; P(first k accepted)
 * is their product. c(k) does not depend on where a chain is cut, so all draft lengths count together. A position that
 * few reached leans on what was known of it earlier, and that on the position before it; a batch with few counts leans on all
 * batches together. What was known once stays the best guess, but becomes doubtful: a drafter may have learned since.
 */
final class AcceptanceEvidence {
    /** Weight of what a thin estimate leans on, in counts. */
    private static final double LEAN = 40;

    /** c(1) before anything is known. */
    private static final double PRIOR = 0.5;

    /** c(k) of a drafter that may be good: what an unseen position is granted when asked whether to try it. */
    private static final double OPTIMISM = 0.9;

    /** What recent counts lean on is remembered this many times longer than they are. */
    private static final double MEMORY = 60;

    private final double windowMillis;
    private final Positions pooled;
    private final Positions remembered;
    private final Map<Integer, Positions> byBucket = new HashMap<>();

    AcceptanceEvidence(double windowMillis) {
        this.windowMillis = windowMillis;
        this.pooled = new Positions(windowMillis);
        this.remembered = new Positions(MEMORY * windowMillis);
    }

    void add(int bucket, SettingStatistics statistics, long at) {
        List<Long> accepted = statistics.getAcceptedByPosition();
        var reached = new double[accepted.size()];
        var passed = new double[accepted.size()];
        for (int k = 0; k < accepted.size(); k++) {
            long before = k == 0 ? statistics.getSequenceSteps() : accepted.get(k - 1);
            reached[k] = (double) before;
            passed[k] = accepted.get(k);
        }
        pooled.add(at, reached, passed);
        remembered.add(at, reached, passed);
        byBucket.computeIfAbsent(bucket, key -> new Positions(windowMillis)).add(at, reached, passed);
    }

    /** Sequence steps of all batches that weigh in. */
    double sequenceSteps(long now) {
        return pooled.reached.get(0, now);
    }

    /** 1 + Σ P(first k accepted), k up to {@code draftLength}: tokens that a sequence emits per verify step. */
    double acceptanceLength(int bucket, int draftLength, long now) {
        Positions here = byBucket.get(bucket);
        double length = 1;
        double product = 1;
        double before = PRIOR;
        for (int k = 0; k < draftLength; k++) {
            before = rate(k, before, now);
            product *= here == null ? before : here.rate(k, before, now);
            length += product;
        }
        return length;
    }

    private double rate(int position, double before, long now) {
        return pooled.rate(position, remembered.rate(position, before, now), now);
    }

    /** The same, thin positions taken to be good. */
    double optimisticAcceptanceLength(int draftLength, long now) {
        double length = 1;
        double product = 1;
        for (int k = 0; k < draftLength; k++) {
            product *= pooled.rate(k, OPTIMISM, now);
            length += product;
        }
        return length;
    }

    /** Standard deviation of the logarithm of the acceptance length: half the way to the optimistic one, and the counts'. */
    double doubt(int draftLength, long now) {
        double length = 1;
        double product = 1;
        double before = PRIOR;
        for (int k = 0; k < draftLength; k++) {
            before = rate(k, before, now);
            product *= before;
            length += product;
        }
        double towardsGood = Math.log(optimisticAcceptanceLength(draftLength, now) / length) / 2;
        double ofCounts = 1 / Math.sqrt(LEAN + sequenceSteps(now));
        return Math.sqrt(towardsGood * towardsGood + ofCounts * ofCounts);
    }

    /** Share of the doubt that goes with so many more sequence steps. */
    static double learned(double steps, double before) {
        return steps / (steps + before + LEAN);
    }

    static double optimisticAcceptanceLengthWithoutEvidence(int draftLength) {
        return (1 - Math.pow(OPTIMISM, draftLength + 1)) / (1 - OPTIMISM);
    }

    private static final class Positions {
        private final DecayingCounts reached;
        private final DecayingCounts passed;

        Positions(double windowMillis) {
            reached = new DecayingCounts(windowMillis);
            passed = new DecayingCounts(windowMillis);
        }

        void add(long at, double[] reachedCounts, double[] passedCounts) {
            reached.add(at, reachedCounts);
            passed.add(at, passedCounts);
        }

        double rate(int position, double prior, long now) {
            return (passed.get(position, now) + LEAN * prior) / (reached.get(position, now) + LEAN);
        }
    }
}
