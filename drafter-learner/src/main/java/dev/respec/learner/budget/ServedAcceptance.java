package dev.respec.learner.budget;

import dev.respec.schemas.SettingStatistics;
import java.util.Arrays;
import java.util.List;

/**
 * A moving average of the acceptance length that workers reach with the drafter: what was counted t ago weighs
 * exp(-t / horizon). It is that of a draft of {@link #DRAFT_LENGTH} tokens, so that a change of the setting in force does not
 * look like a change of the drafter. Times are milliseconds since the epoch.
 */
final class ServedAcceptance {
    static final int DRAFT_LENGTH = 4;

    private final double horizonMillis;
    private final double[] reached = new double[DRAFT_LENGTH];
    private final double[] passed = new double[DRAFT_LENGTH];
    private long at;

    ServedAcceptance(double horizonMillis) {
        this.horizonMillis = horizonMillis;
    }

    void add(SettingStatistics statistics, long countedAt) {
        advance(countedAt);
        double weight = weight(at - countedAt);
        List<Long> accepted = statistics.getAcceptedByPosition();
        for (int k = 0; k < Math.min(DRAFT_LENGTH, accepted.size()); k++) {
            long before = k == 0 ? statistics.getDraftedByPosition().get(0) : accepted.get(k - 1);
            reached[k] += weight * before;
            passed[k] += weight * accepted.get(k);
        }
    }

    private void advance(long now) {
        if (now > at) {
            double fade = weight(now - at);
            for (double[] counts : List.of(reached, passed)) {
                Arrays.setAll(counts, k -> counts[k] * fade);
            }
            at = now;
        }
    }

    private double weight(long ageMillis) {
        return Math.exp(-ageMillis / horizonMillis);
    }

    /** Drafts that weigh in. */
    double drafts(long now) {
        return reached[0] * weight(Math.max(0, now - at));
    }

    /** Not a number before anything was counted; a position that was never reached is as good as the one before it. */
    double length() {
        double length = 1;
        double product = 1;
        double rate = Double.NaN;
        for (int k = 0; k < DRAFT_LENGTH; k++) {
            rate = reached[k] > 0 ? passed[k] / reached[k] : rate;
            product *= rate;
            length += product;
        }
        return length;
    }
}
