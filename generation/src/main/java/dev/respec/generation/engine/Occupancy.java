package dev.respec.generation.engine;

import dev.respec.model.TargetModel;
import dev.respec.model.decoding.PageTable;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;

/**
 * The sequences being generated, in slots 0 to n - 1 of the target and of every drafter without gaps, and those that
 * wait for a slot. Drafters are told of every one that joins, ends or moves.
 */
final class Occupancy extends AbstractList<Sequence> {
    private final TargetModel target;
    private final Collection<Drafter> drafters;
    private final Admission admission;
    private final List<Sequence> active = new ArrayList<>();
    private int slotLimit;
    private long preemptions;

    Occupancy(TargetModel target, Collection<Drafter> drafters) {
        this.target = target;
        this.drafters = drafters;
        this.admission = new Admission(target);
        this.slotLimit = target.slots();
    }

    @Override
    public Sequence get(int slot) {
        return active.get(slot);
    }

    /** Active sequences. */
    @Override
    public int size() {
        return active.size();
    }

    /** Whether the statistics of every active sequence count. */
    boolean isCounted() {
        return active.stream()
                .allMatch(sequence -> sequence.request().statistics() == SequenceRequest.Statistics.COUNTED);
    }

    int slotLimit() {
        return slotLimit;
    }

    /** Fewer slots than the target has; active sequences above stay until they end. */
    void limitSlots(int limit) {
        slotLimit = Math.min(limit, target.slots());
    }

    void hold(Prefixes prefixes) {
        admission.hold(prefixes);
    }

    int waiting() {
        return admission.size();
    }

    long computedPromptTokens() {
        return admission.computedTokens();
    }

    CacheUse cacheUse() {
        PageTable pages = target.pages();
        int inUse = pages == null ? 0 : pages.pool().inUse();
        int size = pages == null ? 0 : pages.pool().size();
        return new CacheUse(inUse, size, preemptions, admission.reusedTokens());
    }

    void submit(SequenceRequest request) {
        admission.add(request);
    }

    /**
     * Makes room for one more token of each active sequence, then fills free slots with waiting sequences, as far as
     * pages and a step's share of prompt tokens allow. If pages run out, the youngest sequences wait again; the oldest
     * always goes on.
     */
    void admit() {
        while (!admission.room().fitsOneMore(active)) {
            if (!admission.giveUpJoining(active.size())) {
                preempt(youngest());
                preemptions++;
            }
        }
        admission.beginStep();
        while (active.size() < slotLimit) {
            Sequence sequence = admission.next(active);
            if (sequence == null) {
                return;
            }
            int slot = active.size();
            active.add(sequence);
            if (!admission.room().fitsOneMore(active)) {
                preempt(slot);
                return;
            }
            drafters.forEach(drafter -> drafter.begin(sequence, slot));
            sequence.prefilled(System.nanoTime());
        }
    }

    private int youngest() {
        int youngest = 0;
        for (int slot = 1; slot < active.size(); slot++) {
            youngest = active.get(slot).key() > active.get(youngest).key() ? slot : youngest;
        }
        return youngest;
    }

    /** The sequence of a slot gives up its columns; it goes on from its tokens later. */
    private void preempt(int slot) {
        Sequence sequence = active.get(slot);
        close(slot);
        admission.giveBack(sequence);
    }

    /** Shortens drafts that no pages are left for. */
    void fit(Drafts drafts) {
        admission.room().fit(drafts, active);
    }

    /** Ends the sequence of a slot. */
    void vacate(int slot) {
        Sequence ended = active.get(slot);
        drafters.forEach(drafter -> drafter.finish(ended));
        close(slot);
    }

    /** Closes the gap that a slot leaves with the last one. */
    private void close(int slot) {
        int last = active.size() - 1;
        Sequence moved = active.remove(last);
        if (slot != last) {
            target.copySlot(last, slot, moved.length() - 1);
            drafters.forEach(drafter -> drafter.moveSlot(last, slot));
            active.set(slot, moved);
        }
        drafters.forEach(drafter -> drafter.leave(last));
        admission.moveUp(last, moved);
    }

    /** Drops what the predicate names, waiting or active; the active ones are returned as cancelled. */
    List<CompletedSequence> cancel(Predicate<SequenceRequest> which) {
        List<CompletedSequence> cancelled = new ArrayList<>();
        for (Sequence begun : admission.drop(which, active.size())) {
            drafters.forEach(drafter -> drafter.finish(begun));
            cancelled.add(begun.complete(CompletedSequence.Reason.CANCELLED, System.nanoTime()));
        }
        for (int slot = active.size() - 1; slot >= 0; slot--) {
            if (which.test(active.get(slot).request())) {
                cancelled.add(active.get(slot).complete(CompletedSequence.Reason.CANCELLED, System.nanoTime()));
                vacate(slot);
            }
        }
        return cancelled;
    }

    /** The target has new weights: the contents of free slots are useless. */
    void forgetFreeSlots() {
        admission.forget();
    }

    /**
     * Everything is computed again with new weights: active sequences give up their columns and join again from their
     * tokens.
     */
    void recompute() {
        admission.giveUpJoining(active.size());
        while (!active.isEmpty()) {
            preempt(youngest());
        }
        // the columns that they left behind belong to the old weights
        admission.forget();
    }
}
