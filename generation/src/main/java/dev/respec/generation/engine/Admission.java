package dev.respec.generation.engine;

import dev.respec.model.TargetModel;
import dev.respec.model.decoding.TokenGrid;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What waits for a slot, and the one sequence whose prompt is being computed.
 *
 * <p>A prompt is computed in chunks, at most {@link #TOKENS_A_STEP} a step, so that a long one holds up the active
 * sequences by no more than that; samples of one prompt copy it from a sibling. The joining sequence occupies the slot
 * behind the active ones.
 */
final class Admission {
    /** Most prompt tokens computed between two steps. */
    private static final int TOKENS_A_STEP = 512;

    /** Prompt tokens of one target pass: bounds the memory of attention. */
    private static final int CHUNK = 256;

    private final TargetModel target;
    private final Deque<SequenceRequest> waiting = new ArrayDeque<>();
    private final TokenGrid grid = new TokenGrid();
    private @Nullable Sequence joining;
    private int computed;
    /** Prompt tokens that may still be computed in this step. */
    private int budget;

    private long nextKey;
    private long computedTokens;
    /** What the slot behind the active ones still holds, or null. */
    private @Nullable Sequence left;

    Admission(TargetModel target) {
        this.target = target;
    }

    /** Queues a request, its response bounded by the slot; refuses what no slot or no model takes. */
    void add(SequenceRequest request) {
        int room = target.capacity() - request.prompt().length;
        if (room < 1) {
            throw new IllegalArgumentException("request " + request.id() + ": its prompt of " + request.prompt().length
                    + " tokens leaves no room in a slot of " + target.capacity() + "; raise worker.capacity");
        }
        int vocabulary = target.config().vocabularySize();
        for (int token : request.prompt()) {
            if (token < 0 || token >= vocabulary) {
                throw new IllegalArgumentException("request " + request.id() + ": prompt token " + token
                        + " is outside the policy's vocabulary of " + vocabulary
                        + "; the tokenizer belongs to another model");
            }
        }
        waiting.add(request.bounded(room));
    }

    /** Waiting, the joining one included. */
    int size() {
        return waiting.size() + (joining == null ? 0 : 1);
    }

    void drop(Predicate<SequenceRequest> which) {
        waiting.removeIf(which);
        if (joining != null && which.test(joining.request())) {
            joining = null;
        }
    }

    /** Grants the prompt tokens of one step. */
    void beginStep() {
        budget = TOKENS_A_STEP;
    }

    /**
     * Goes on with prompts until one is complete or the step's share is used up.
     *
     * @return a sequence whose prompt is in slot {@code active.size()}, ready to decode; null if there is none for now
     */
    @Nullable
    Sequence next(List<Sequence> active) {
        if (joining == null) {
            if (waiting.isEmpty()) {
                return null;
            }
            joining = new Sequence(takeNext(active), nextKey++, System.nanoTime());
            computed = Math.max(shared(joining, active), left == null ? 0 : common(left, joining));
            left = null;
        }
        Sequence sequence = joining;
        int columns = sequence.promptLength() - 1;
        while (computed < columns) {
            int count = Math.min(Math.min(CHUNK, budget), columns - computed);
            if (count <= 0) {
                return null;
            }
            compute(sequence, active.size(), computed, count);
            computed += count;
            budget -= count;
        }
        joining = null;
        return sequence;
    }

    /** Columns of the prompt that an active sibling has: all or none. */
    private int shared(Sequence sequence, List<Sequence> active) {
        int columns = sequence.promptLength() - 1;
        for (int other = 0; other < active.size() && columns > 0; other++) {
            if (sharesPrompt(active.get(other), sequence)) {
                target.copySlot(other, active.size(), columns);
                return columns;
            }
        }
        return 0;
    }

    /** Columns of the prompt with which another sequence begins, too. */
    private static int common(Sequence other, Sequence sequence) {
        int most = Math.min(other.length(), sequence.promptLength()) - 1;
        int same = Arrays.mismatch(other.tokens(), 0, most, sequence.tokens(), 0, most);
        return same < 0 ? most : same;
    }

    private static boolean sharesPrompt(Sequence sibling, Sequence sequence) {
        return Objects.equals(sibling.request().groupKey(), sequence.request().groupKey())
                && Arrays.equals(sibling.request().prompt(), sequence.request().prompt());
    }

    /** Computes count columns of a sequence again or for the first time. */
    private void compute(Sequence sequence, int slot, int from, int count) {
        grid.clear();
        grid.begin(from);
        grid.add(sequence.tokens(), from, count);
        target.prefill(slot, grid);
        computedTokens += count;
    }

    /** Computes the whole cache of an active sequence under the weights in force. */
    void recompute(Sequence sequence, int slot) {
        for (int from = 0; from < sequence.length() - 1; from += CHUNK) {
            compute(sequence, slot, from, Math.min(CHUNK, sequence.length() - 1 - from));
        }
    }

    /** New weights: what free slots hold is of no use any more. */
    void forget() {
        left = null;
    }

    /** Starts the joining prompt over. */
    void restart() {
        computed = 0;
    }

    /**
     * The active sequences became one fewer: the joining one moves up. Where none is joining, the next one may find its
     * prompt where it goes, because samples of one prompt follow each other.
     *
     * @param moved whose columns the slot that became free holds
     */
    void moveUp(int newSlot, Sequence moved) {
        left = joining == null ? moved : null;
        if (joining != null && computed > 0) {
            target.copySlot(newSlot + 1, newSlot, computed);
        }
    }

    /** Prompt tokens that went through the model so far. */
    long computedTokens() {
        return computedTokens;
    }

    /**
     * Of what waits, the oldest of the group with the fewest active sequences: samples of one prompt then run one behind
     * the other, and those behind draft from those ahead.
     */
    private SequenceRequest takeNext(List<Sequence> active) {
        Map<String, Integer> activeByGroup = new HashMap<>();
        active.forEach(sequence -> activeByGroup.merge(sequence.request().groupKey(), 1, Integer::sum));
        SequenceRequest next = waiting.getFirst();
        int fewest = activeByGroup.getOrDefault(next.groupKey(), 0);
        for (SequenceRequest candidate : waiting) {
            int count = activeByGroup.getOrDefault(candidate.groupKey(), 0);
            if (count < fewest) {
                fewest = count;
                next = candidate;
            }
        }
        waiting.removeFirstOccurrence(next);
        return next;
    }
}
