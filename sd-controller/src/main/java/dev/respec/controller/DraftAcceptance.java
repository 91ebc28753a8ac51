package dev.respec.controller;

import dev.respec.schemas.SettingStatistics;
import java.util.List;

/** How many of a drafter's tokens are accepted when it drafts, whatever draft lengths were in force. Counts fade. */
final class DraftAcceptance {
    private static final double UNSEEN = 0.5;

    private final DecayingCounts drafts;
    private final DecayingCounts reached;
    private final DecayingCounts passed;

    DraftAcceptance(double windowMillis) {
        drafts = new DecayingCounts(windowMillis);
        reached = new DecayingCounts(windowMillis);
        passed = new DecayingCounts(windowMillis);
    }

    void add(SettingStatistics statistics, long at) {
        List<Long> accepted = statistics.getAcceptedByPosition();
        List<Long> drafted = statistics.getDraftedByPosition();
        if (drafted.isEmpty()) {
            return;
        }
        var before = new double[accepted.size()];
        var after = new double[accepted.size()];
        double tokens = 0;
        for (int k = 0; k < after.length; k++) {
            before[k] = k == 0 ? drafted.get(0) : accepted.get(k - 1);
            after[k] = accepted.get(k);
            tokens += after[k];
        }
        drafts.add(at, drafted.get(0), tokens);
        reached.add(at, before);
        passed.add(at, after);
    }

    /** Drafts that weigh in. */
    double drafts(long now) {
        return drafts.get(0, now);
    }

    /** Tokens emitted per draft; 1 means that drafting is in vain. */
    double lengthAsDrafted(long now) {
        return drafts(now) > 0 ? 1 + drafts.get(1, now) / drafts(now) : 1;
    }

    /** Tokens emitted per draft of this length: a position that was never reached is as good as the one before it. */
    double length(int draftLength, long now) {
        double length = 1;
        double product = 1;
        double rate = UNSEEN;
        for (int k = 0; k < draftLength; k++) {
            rate = reached.get(k, now) > 0 ? passed.get(k, now) / reached.get(k, now) : rate;
            product *= rate;
            length += product;
        }
        return length;
    }
}
