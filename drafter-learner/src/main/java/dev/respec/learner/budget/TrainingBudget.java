package dev.respec.learner.budget;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingStatistics;
import dev.respec.speculation.Setting;
import java.util.Locale;

/**
 * The share of the rollouts that the learner trains on, from two moving averages of the served acceptance length.
 *
 * <ul>
 *   <li>The fast average, carried forward by its trend, is below the level that was held: the policy moves away from the
 *       drafter, and the learner trains as much as it may. Without the trend it would answer a decline only after what it
 *       lost has reached the average.
 *   <li>It is above: training pays, and the share stays.
 *   <li>It is neither: nothing is to be gained, and the share halves each fast horizon, down to the least.
 * </ul>
 *
 * <p>The level is the highest slow average since training last failed to regain it, so that a decline too slow for the two
 * averages is noticed as well. A drafter that stays below the level for two slow horizons under full training cannot reach
 * it any more, and the level becomes what it does reach.
 *
 * <p>INVARIANT: only statistics of the version in force count. What workers report of older versions after a newer one was
 * published judges weights that training has already changed.
 *
 * <p>A function of what it was told and of the times passed. Times are milliseconds since the epoch.
 */
public final class TrainingBudget {
    /** Drafts that the fast average needs; with fewer there is no feedback. */
    private static final int LEAST_DRAFTS = 200;

    /** A smaller share is not worth the evaluation that every round costs. */
    private static final double SMALLEST = 0.125;

    /**
     * How far a decline is carried forward, in distances between the averages. In simulation, with 1 a drafter that would fall
     * from 3.4 to 1.9 tokens within 300 steps of 2.6 s falls below 95 % of its first acceptance length; with 2 it does not.
     */
    private static final double TREND = 2;

    private final BudgetSettings settings;
    private final ServedAcceptance fast;
    private final ServedAcceptance slow;
    private long version;
    private double share;
    private double level;
    private long firstHeardAt = Long.MAX_VALUE;
    private long fallingSince = Long.MAX_VALUE;
    private long changedAt;

    /** Why the share is what it is. */
    public enum Reason {
        /** The configuration asks for no budget. */
        ALWAYS,
        /** The workers reported too few drafts of this drafter. */
        NO_FEEDBACK,
        /** The averages are not old enough to compare. */
        STARTING,
        FALLING,
        RISING,
        HOLDING;

        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * @param share of the fresh rollouts to train on; 0 is to rest
     * @param fast average of the served acceptance length; not a number without feedback, like the next
     */
    public record Decision(double share, Reason reason, double fast, double slow) {
        public boolean isRest() {
            return share == 0;
        }
    }

    /** @param version of the drafter in force */
    public TrainingBudget(BudgetSettings settings, long version) {
        this.settings = settings;
        this.fast = new ServedAcceptance(settings.fast().toMillis());
        this.slow = new ServedAcceptance(settings.slow().toMillis());
        this.version = version;
        this.share = settings.most();
    }

    /** A new version is in force from now on. */
    public void published(long newVersion) {
        version = newVersion;
    }

    /** One interval of one worker. */
    public void observe(AcceptanceStats stats) {
        if (stats.getDrafterVersion() != version) {
            return;
        }
        long at = stats.getIntervalEnd().toEpochMilli();
        for (SettingStatistics statistics : stats.getSettings()) {
            Setting setting = SettingCodec.of(statistics.getSetting());
            boolean ofDrafter = setting.family().isLearned() && setting.branching() == 1;
            if (ofDrafter && !statistics.getDraftedByPosition().isEmpty()) {
                fast.add(statistics, at);
                slow.add(statistics, at);
                firstHeardAt = Math.min(firstHeardAt, at);
            }
        }
    }

    /** The share from now on. */
    public Decision decide(long now) {
        if (!settings.automatic()) {
            return decision(1, Reason.ALWAYS);
        }
        Reason reason = reason(now);
        switch (reason) {
            case NO_FEEDBACK, STARTING, FALLING -> share = settings.most();
            case HOLDING -> lower(now);
            default -> {} // rising: as it is
        }
        if (reason != Reason.HOLDING) {
            changedAt = now;
        }
        return decision(share, reason);
    }

    private Reason reason(long now) {
        if (fast.drafts(now) < LEAST_DRAFTS) {
            return Reason.NO_FEEDBACK;
        }
        if (now - firstHeardAt < settings.slow().toMillis()) {
            return Reason.STARTING;
        }
        double served = carriedForward();
        level = Math.max(level, slow.length());
        if (isBelow(served, level)) {
            fallingSince = Math.min(fallingSince, now);
            if (now - fallingSince >= 2 * settings.slow().toMillis() && !isBelow(served, slow.length())) {
                level = slow.length();
            }
            return Reason.FALLING;
        }
        fallingSince = Long.MAX_VALUE;
        return fast.length() > (1 + settings.tolerance()) * slow.length() ? Reason.RISING : Reason.HOLDING;
    }

    /**
     * Where the trend leads. While the length changes evenly, the averages are apart by the change within the difference of
     * their horizons, and what training restores is served only after the round and its adoption.
     */
    private double carriedForward() {
        return fast.length() + TREND * (fast.length() - slow.length());
    }

    private boolean isBelow(double served, double average) {
        return served < (1 - settings.tolerance()) * average;
    }

    private void lower(long now) {
        if (now - changedAt >= settings.fast().toMillis()) {
            share = share / 2 < SMALLEST ? settings.least() : Math.max(settings.least(), share / 2);
            changedAt = now;
        }
    }

    private Decision decision(double decided, Reason reason) {
        return new Decision(decided, reason, fast.length(), slow.length());
    }
}
