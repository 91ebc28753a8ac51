package dev.respec.generation.engine;

import dev.respec.model.TargetModel;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;

/**
 * The sequences being generated, in slots 0 to n - 1 of the target and of every drafter without gaps, and what waits for a
 * slot. Drafters hear of every one that joins, ends or moves.
 */
final class Occupancy extends AbstractList<Sequence> {
    private final TargetModel target;
    private final Collection<Drafter> drafters;
    private final Admission admission;
    private final List<Sequence> active = new ArrayList<>();
    private int slotLimit;

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

    int waiting() {
        return admission.size();
    }

    long computedPromptTokens() {
        return admission.computedTokens();
    }

    void submit(SequenceRequest request) {
        admission.add(request);
    }

    /** Fills free slots with what waits, as far as a step's share of prompt tokens goes. */
    void admit() {
        admission.beginStep();
        while (active.size() < slotLimit) {
            Sequence sequence = admission.next(active);
            if (sequence == null) {
                return;
            }
            int slot = active.size();
            active.add(sequence);
            drafters.forEach(drafter -> drafter.begin(sequence, slot));
            sequence.prefilled(System.nanoTime());
        }
    }

    /** Ends the sequence of a slot and closes the gap with the last one. */
    void vacate(int slot) {
        Sequence ended = active.get(slot);
        drafters.forEach(drafter -> drafter.finish(ended));
        int last = active.size() - 1;
        Sequence moved = active.remove(last);
        if (slot != last) {
            target.copySlot(last, slot, moved.length() - 1);
            drafters.forEach(drafter -> drafter.moveSlot(last, slot));
            active.set(slot, moved);
        }
        admission.moveUp(last, moved);
    }

    /** Drops what the predicate names, waiting or active; the active ones are returned as cancelled. */
    List<CompletedSequence> cancel(Predicate<SequenceRequest> which) {
        admission.drop(which);
        List<CompletedSequence> cancelled = new ArrayList<>();
        for (int slot = active.size() - 1; slot >= 0; slot--) {
            if (which.test(active.get(slot).request())) {
                cancelled.add(active.get(slot).complete(CompletedSequence.Reason.CANCELLED, System.nanoTime()));
                vacate(slot);
            }
        }
        return cancelled;
    }

    /** The target has new weights: what free slots hold is of no use any more. */
    void forgetFreeSlots() {
        admission.forget();
    }

    /** Computes the caches of everything active again, and starts a prompt that is being computed over. */
    void recompute() {
        admission.restart();
        for (int slot = 0; slot < active.size(); slot++) {
            Sequence sequence = active.get(slot);
            int recomputed = slot;
            admission.recompute(sequence, slot);
            drafters.forEach(drafter -> drafter.begin(sequence, recomputed));
        }
    }
}
