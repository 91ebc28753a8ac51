package dev.respec.generation.engine;

import dev.respec.model.sampling.ChainLimit;
import dev.respec.speculation.Setting;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the engine has learned of what drafting costs and gains, by drafter and active batch, and the limits that follow.
 *
 * <p>Owned by the engine's thread. For each step: {@link #begin}, {@link #verified} for every sequence, {@link #stepped}.
 */
final class DraftLimits {
    /** Of so many steps one drafts in full, so that what unsure drafts are worth stays known. */
    private static final int STEPS_A_FULL_ONE = 32;

    private final DraftLength length;
    private final Map<String, ConfidenceLimit> limits = new HashMap<>();
    private final Map<Integer, RecentLine> rowCosts = new HashMap<>();
    private final Map<Key, DraftingPace> paces = new HashMap<>();
    private @Nullable ConfidenceLimit limit;

    /** @param batch a power of two */
    private record Key(String drafter, int batch) {}

    /** How much of the setting's length is drafted. */
    enum Extent {
        AS_PAYS,
        FULL
    }

    DraftLimits(DraftLength length) {
        this.length = length;
    }

    /**
     * The limit of the next step.
     *
     * @param version of the drafter's weights
     */
    ChainLimit begin(Setting setting, long version, int sequences, Extent extent) {
        if (length == DraftLength.FIXED || setting.isOff() || setting.branching() > 1) {
            limit = null;
            return ChainLimit.NONE;
        }
        ConfidenceLimit ofDrafter = limits.computeIfAbsent(setting.drafter(), name -> new ConfidenceLimit());
        limit = ofDrafter;
        int batch = batch(sequences);
        DraftingPace pace = paces.computeIfAbsent(new Key(setting.drafter(), batch), key -> new DraftingPace());
        boolean full = extent == Extent.FULL || pace.nextStep() % STEPS_A_FULL_ONE == 0;
        double nanosPerRow = rowCosts(batch).surelyPerUnit();
        ofDrafter.begin(sequences, version, full ? Prices.FREE : pace.prices(nanosPerRow));
        return ofDrafter;
    }

    /**
     * What became of a sequence's draft.
     *
     * @param drafted tokens verified
     */
    void verified(int slot, int drafted, int accepted) {
        if (limit != null) {
            limit.verified(slot, drafted, accepted);
        }
    }

    /**
     * A step has run.
     *
     * @param draftedTokens verified, of all sequences
     * @param otherNanos of verification and what follows
     */
    void stepped(Setting setting, int sequences, int draftedTokens, long emitted, long draftNanos, long otherNanos) {
        if (length == DraftLength.FIXED) {
            return;
        }
        int batch = batch(sequences);
        rowCosts(batch).add(draftedTokens, otherNanos);
        if (limit != null && limit.passes() > 0) {
            DraftingPace pace = paces.get(new Key(setting.drafter(), batch));
            if (pace != null) {
                pace.add(limit.passes(), emitted, draftNanos, draftNanos + otherNanos);
            }
        }
    }

    private RecentLine rowCosts(int batch) {
        return rowCosts.computeIfAbsent(batch, key -> new RecentLine());
    }

    private static int batch(int sequences) {
        return sequences <= 1 ? 1 : Integer.highestOneBit(sequences - 1) << 1;
    }

    /**
     * What drafting costs, in tokens that the same time would emit.
     *
     * @param row one more token to verify
     * @param pass one more pass of the drafter
     */
    record Prices(double row, double pass) {
        static final Prices FREE = new Prices(0, 0);
    }

    /** How fast steps with one drafter at one batch emit tokens, and what a pass of the drafter costs there. */
    private static final class DraftingPace {
        private static final double KEPT = 1 - 1.0 / 256;

        private final RecentLine passCost = new RecentLine();
        private double tokens;
        private double nanos;
        private long steps;

        long nextStep() {
            return steps++;
        }

        void add(int passes, long emitted, long draftNanos, long stepNanos) {
            passCost.add(passes, draftNanos);
            tokens = tokens * KEPT + emitted;
            nanos = nanos * KEPT + stepNanos;
        }

        Prices prices(double nanosPerRow) {
            double tokensPerNano = nanos > 0 ? tokens / nanos : 0;
            return new Prices(tokensPerNano * nanosPerRow, tokensPerNano * passCost.surelyPerUnit());
        }
    }
}
