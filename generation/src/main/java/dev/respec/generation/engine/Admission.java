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
 * The sequences that wait for a slot, and the one whose prompt is being computed.
 *
 * <p>A prompt is computed in chunks, at most {@link #TOKENS_A_STEP} per step, so that a long one holds up the active
 * sequences by no more than that; samples of one prompt take its columns from a sibling, and requests that begin alike
 * take the kept ones. The joining sequence occupies the slot behind the active ones. A preempted sequence goes on from
 * its tokens before anything new begins.
 */
final class Admission {
    /** Most prompt tokens computed between two steps. */
    private static final int TOKENS_A_STEP = 512;

    /** Prompt tokens of one target pass: bounds the memory of attention. */
    private static final int CHUNK = 256;

    private final TargetModel target;
    private final KeptPrompts kept;
    private final CacheRoom room;
    private final Deque<SequenceRequest> waiting = new ArrayDeque<>();
    /** Preempted sequences, without columns, the oldest first; all are younger than the active ones. */
    private final Deque<Sequence> returned = new ArrayDeque<>();

    private final TokenGrid grid = new TokenGrid();
    private @Nullable Sequence joining;
    private int computed;
    /** Columns of the joining sequence that it did not have to compute. */
    private int reused;
    /** Whether the joining sequence's columns are all of the weights in force. */
    private boolean keepable;
    /** Prompt tokens that may still be computed in this step. */
    private int budget;

    private Prefixes prefixes = Prefixes.TOGETHER;
    private long nextKey;
    private long computedTokens;
    private long reusedTokens;

    Admission(TargetModel target) {
        this.target = target;
        this.kept = new KeptPrompts(target);
        this.room = new CacheRoom(target, kept);
    }

    /**
     * Queues a request with its response bounded by the capacity; refuses one that no slot holds or the model cannot
     * take.
     */
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
        return waiting.size() + returned.size() + (joining == null ? 0 : 1);
    }

    /**
     * Drops the sequences that the predicate matches.
     *
     * @return those among them that had emitted tokens
     */
    List<Sequence> drop(Predicate<SequenceRequest> which, int active) {
        waiting.removeIf(which);
        if (joining != null && which.test(joining.request())) {
            giveUpJoining(active);
        }
        List<Sequence> dropped =
                returned.stream().filter(each -> which.test(each.request())).toList();
        returned.removeAll(dropped);
        return dropped.stream().filter(each -> each.responseLength() > 0).toList();
    }

    void hold(Prefixes how) {
        prefixes = how;
    }

    /** Grants the prompt tokens of one step. */
    void beginStep() {
        budget = TOKENS_A_STEP;
    }

    /** Decides what fits into the target's pages. */
    CacheRoom room() {
        return room;
    }

    /**
     * Computes prompts until one is complete, the step's share is used up or pages run out.
     *
     * @return a sequence whose prompt is in slot {@code active.size()}, ready to decode; null if there is none for now
     */
    @Nullable
    Sequence next(List<Sequence> active) {
        if (joining == null && !begin(active)) {
            return null;
        }
        Sequence sequence = Objects.requireNonNull(joining);
        int slot = active.size();
        int columns = sequence.length() - 1;
        while (computed < columns) {
            int count = Math.min(Math.min(CHUNK, budget), columns - computed);
            if (count <= 0) {
                return null;
            }
            if (!room.fits(active, computed, computed + count, 0)) {
                giveUpJoining(slot);
                return null;
            }
            compute(sequence, slot, computed, count);
            computed += count;
            budget -= count;
        }
        joining = null;
        reusedTokens += reused;
        if (keepable) {
            kept.computed(sequence, slot);
        }
        return sequence;
    }

    /** Begins with the next prompt if there is one and its columns fit, and a page more for each active sequence. */
    private boolean begin(List<Sequence> active) {
        if (waiting.isEmpty() && returned.isEmpty()) {
            return false;
        }
        int slot = active.size();
        Sequence sequence = returned.isEmpty()
                ? new Sequence(takeNext(active), nextKey++, System.nanoTime())
                : returned.removeFirst();
        computed = shared(sequence, active);
        // a sibling's columns may be those of older weights
        keepable = computed == 0;
        if (computed == 0) {
            computed = kept.reuse(sequence, slot);
        }
        reused = computed;
        joining = sequence;
        boolean apart = prefixes == Prefixes.APART;
        // beside others: a page more for each of them, and for its last one, which may be shared and has to be copied
        // then
        int spare = slot == 0 ? 0 : slot + 1;
        if (!room.fits(active, apart ? 0 : computed, sequence.length(), spare)) {
            giveUpJoining(slot);
            return false;
        }
        if (apart) {
            target.ownColumns(slot, computed);
        }
        return true;
    }

    /** The joining sequence gives its pages back and waits again; false if there is none. */
    boolean giveUpJoining(int slot) {
        if (joining == null) {
            return false;
        }
        returned.addFirst(joining);
        joining = null;
        target.releaseSlot(slot);
        return true;
    }

    /** The youngest active sequence has given up its columns. */
    void giveBack(Sequence sequence) {
        returned.addFirst(sequence);
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

    /** New weights: everything kept is useless. */
    void forget() {
        kept.forget();
        keepable = false;
    }

    /**
     * The active sequences became one fewer: the joining one moves up. If none is joining, the next one may find its
     * prompt where it goes, because samples of one prompt follow each other.
     *
     * @param moved whose columns the slot that became free holds
     */
    void moveUp(int newSlot, Sequence moved) {
        target.releaseSlot(newSlot);
        kept.leftBehind(joining == null ? moved : null);
        if (joining != null && computed > 0) {
            target.copySlot(newSlot + 1, newSlot, computed);
            target.releaseSlot(newSlot + 1);
        }
    }

    /** Prompt tokens taken from a sibling or from a kept prompt. */
    long reusedTokens() {
        return reusedTokens;
    }

    /** Prompt tokens that went through the model so far. */
    long computedTokens() {
        return computedTokens;
    }

    /**
     * The oldest waiting sequence of the group with the fewest active ones: samples of one prompt then run one after
     * the other, and the later ones draft from the earlier ones.
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
