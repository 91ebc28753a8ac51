package dev.respec.learner;

import dev.respec.learner.distillation.TokenSequence;
import dev.respec.learner.state.BufferState;
import dev.respec.learner.state.RecordPosition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The newest rollouts, bounded. A request belongs to the held-out slice or to training, with all its rollouts and for
 * good, by a hash of its id: what a candidate is judged on, it never trained on.
 */
final class RolloutBuffer {
    private static final int HASH_BUCKETS = 1 << 16;

    private final double holdOutFraction;
    private final int trainingCapacity;
    private final int heldOutCapacity;
    private final Deque<TrainingRollout> training = new ArrayDeque<>();
    private final Deque<TrainingRollout> heldOut = new ArrayDeque<>();
    private int fresh;

    RolloutBuffer(int capacity, double holdOutFraction) {
        this.holdOutFraction = holdOutFraction;
        this.heldOutCapacity = Math.max(1, (int) Math.round(capacity * holdOutFraction));
        this.trainingCapacity = Math.max(1, capacity - heldOutCapacity);
    }

    void add(TrainingRollout rollout) {
        if (isHeldOut(rollout.requestId(), holdOutFraction)) {
            append(heldOut, rollout, heldOutCapacity);
        } else {
            append(training, rollout, trainingCapacity);
            fresh = Math.min(fresh + 1, training.size());
        }
    }

    private static void append(Deque<TrainingRollout> rollouts, TrainingRollout rollout, int capacity) {
        rollouts.addLast(rollout);
        if (rollouts.size() > capacity) {
            rollouts.removeFirst();
        }
    }

    /** FNV-1a over the id: the same in every process and version. */
    static boolean isHeldOut(String requestId, double fraction) {
        int hash = 0x811c9dc5;
        for (int i = 0; i < requestId.length(); i++) {
            hash = (hash ^ requestId.charAt(i)) * 0x01000193;
        }
        hash ^= hash >>> 15;
        return Math.floorMod((hash * 0x2c1b3c6d) >>> 7, HASH_BUCKETS) < fraction * HASH_BUCKETS;
    }

    /** Training rollouts that no round has seen yet. */
    int fresh() {
        return fresh;
    }

    int trainingCapacity() {
        return trainingCapacity;
    }

    int trainingSize() {
        return training.size();
    }

    /** Oldest first. */
    List<TrainingRollout> heldOut() {
        return List.copyOf(heldOut);
    }

    /** The newest of them, oldest first: the slice a candidate is judged on. */
    List<TrainingRollout> newestHeldOut(int count) {
        var all = heldOut();
        return all.subList(Math.max(0, all.size() - count), all.size());
    }

    /**
     * The rollouts of a round: every fresh one once, in random order, and older ones at random to fill the last batch.
     * None is fresh afterwards.
     *
     * @param share of the fresh rollouts; the others are never trained on, unless they fill a batch later
     */
    List<TrainingRollout> takeRound(int batchSize, Random random, double share) {
        var all = new ArrayList<>(training);
        var older = new ArrayList<>(all.subList(0, all.size() - fresh));
        var round = new ArrayList<>(all.subList(all.size() - fresh, all.size()));
        Collections.shuffle(round, random);
        round.subList((int) Math.ceil(share * round.size()), round.size()).clear();
        Collections.shuffle(older, random);
        int missing = Math.floorMod(-round.size(), batchSize);
        round.addAll(older.subList(0, Math.min(missing, older.size())));
        fresh = 0;
        return round;
    }

    /**
     * All training rollouts, oldest first; the buffer then holds the held-out ones only.
     *
     * @param share of them: the newest
     */
    List<TrainingRollout> takeAll(double share) {
        var all = List.copyOf(training);
        training.clear();
        fresh = 0;
        return all.subList(all.size() - (int) Math.ceil(share * all.size()), all.size());
    }

    /** Tokens of the training rollouts, oldest first: what replay draws from. */
    List<TokenSequence> trainingTokens() {
        return training.stream().map(TrainingRollout::tokens).toList();
    }

    BufferState state() {
        return new BufferState(positions(training), positions(heldOut), fresh);
    }

    private static List<RecordPosition> positions(Deque<TrainingRollout> rollouts) {
        return rollouts.stream().map(TrainingRollout::position).toList();
    }

    /** Fills the buffer as it was; records that the topic no longer holds are left out. */
    void restore(BufferState state, Map<RecordPosition, TrainingRollout> records) {
        refill(training, state.training(), records);
        refill(heldOut, state.heldOut(), records);
        fresh = Math.min(state.fresh(), training.size());
    }

    private static void refill(
            Deque<TrainingRollout> rollouts,
            List<RecordPosition> positions,
            Map<RecordPosition, TrainingRollout> records) {
        rollouts.clear();
        for (var position : positions) {
            var rollout = records.get(position);
            if (rollout != null) {
                rollouts.addLast(rollout);
            }
        }
    }
}
