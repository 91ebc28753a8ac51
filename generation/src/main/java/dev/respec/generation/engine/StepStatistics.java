package dev.respec.generation.engine;

import dev.respec.speculation.Setting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counts of verify steps by active batch and setting since the last {@link #drain}. */
public final class StepStatistics {
    private final int[] buckets;
    private Map<Key, Counts> counts = new HashMap<>();

    private record Key(int activeBatch, Setting setting) {}

    /** @param buckets ascending active batches that counts are filed under: the first that is not smaller */
    public StepStatistics(List<Integer> buckets) {
        this.buckets = buckets.stream().mapToInt(Integer::intValue).sorted().toArray();
    }

    /** Counts of one setting at one active batch; all of {@code dev.respec.schemas.SettingStatistics}. */
    public static final class Counts {
        private final int activeBatch;
        private final Setting setting;
        private final long[] accepted;
        private final long[] drafted;
        private long verifySteps;
        private long sequenceSteps;
        private long emitted;
        private long contextTokens;
        private double draftMilliseconds;
        private double verifyMilliseconds;
        private double otherMilliseconds;

        private Counts(int activeBatch, Setting setting) {
            this.activeBatch = activeBatch;
            this.setting = setting;
            this.accepted = new long[setting.draftLength()];
            this.drafted = new long[setting.draftLength()];
        }

        public int activeBatch() {
            return activeBatch;
        }

        public Setting setting() {
            return setting;
        }

        public long verifySteps() {
            return verifySteps;
        }

        public long sequenceSteps() {
            return sequenceSteps;
        }

        public long emittedTokens() {
            return emitted;
        }

        /** Tokens in the caches, summed over the sequence steps. */
        public long contextTokens() {
            return contextTokens;
        }

        /** Entry k: sequences whose first k + 1 draft tokens were accepted. */
        public long[] acceptedByPosition() {
            return accepted.clone();
        }

        /** Entry k: sequences for which at least k + 1 tokens were drafted. */
        public long[] draftedByPosition() {
            return drafted.clone();
        }

        public double draftMilliseconds() {
            return draftMilliseconds;
        }

        public double verifyMilliseconds() {
            return verifyMilliseconds;
        }

        public double otherMilliseconds() {
            return otherMilliseconds;
        }

        void sequence(int context, int draftedTokens, int acceptedTokens, int emittedTokens) {
            sequenceSteps++;
            contextTokens += context;
            emitted += emittedTokens;
            for (int k = 0; k < draftedTokens; k++) {
                drafted[k]++;
            }
            for (int k = 0; k < acceptedTokens; k++) {
                accepted[k]++;
            }
        }

        void step(long draftNanos, long verifyNanos, long otherNanos) {
            verifySteps++;
            draftMilliseconds += draftNanos / 1e6;
            verifyMilliseconds += verifyNanos / 1e6;
            otherMilliseconds += otherNanos / 1e6;
        }
    }

    Counts of(int activeSequences, Setting setting) {
        int bucket = activeSequences;
        for (int candidate : buckets) {
            if (candidate >= activeSequences) {
                bucket = candidate;
                break;
            }
        }
        return counts.computeIfAbsent(new Key(bucket, setting), key -> new Counts(key.activeBatch(), key.setting()));
    }

    /** What was counted since the last call. */
    public List<Counts> drain() {
        List<Counts> drained = new ArrayList<>(counts.values());
        counts = new HashMap<>();
        return drained;
    }
}
