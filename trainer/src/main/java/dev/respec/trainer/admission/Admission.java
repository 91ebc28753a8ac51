package dev.respec.trainer.admission;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongFunction;

/**
 * Decides which prompt is asked next and when generation has run far enough ahead of training.
 *
 * <p>A request may be admitted while in flight + accepted < (η + version + 1)·B (AReaL, arXiv 2505.24298, eq. 3), which
 * bounds how old the policy of a consumed token can be. A dropped group is asked again under a new index; no prompt is
 * lost and none is asked twice at once. A group that is set aside makes room for another prompt within the same bound.
 *
 * <p>State survives a crash as checkpoint plus log: {@link #state()} stands in the checkpoint, and what was admitted
 * after it is learned from the requests found in the topic through {@link #recover}. Prompts that were given up or set
 * aside after the checkpoint are in flight again, beside the ones admitted in their place, until that happens to them
 * again: by that many the bound is exceeded, and nothing is admitted meanwhile. Owned by the trainer's thread.
 */
public final class Admission {
    private final AdmissionBound bound;
    private final TreeMap<Long, Ticket> inFlight = new TreeMap<>();
    private final Deque<Ticket.Question> again = new ArrayDeque<>();
    /** In flight by the checkpoint, but replaced before the crash: their groups are dropped without asking again. */
    private final Set<Long> superseded = new HashSet<>();
    /** Fingerprints of prompts that no worker can answer. */
    private final Set<String> refusedPrompts = new TreeSet<>();

    private final LongFunction<String> fingerprints;

    private long nextIndex;
    private long nextPosition;
    private long accepted;
    private long abandoned;
    private long setAside;

    /**
     * Continues from a state.
     *
     * @param fingerprints of the text of the prompt at a position of the data: a refusal outlives neither a corrected line
     *     nor a replaced file
     */
    public Admission(AdmissionBound bound, AdmissionState state, LongFunction<String> fingerprints) {
        this.bound = bound;
        this.fingerprints = fingerprints;
        nextIndex = state.nextIndex();
        nextPosition = state.nextPosition();
        accepted = state.accepted();
        abandoned = state.abandoned();
        setAside = state.setAside();
        state.inFlight().forEach(ticket -> inFlight.put(ticket.requestIndex(), ticket));
        again.addAll(state.again());
        superseded.addAll(state.superseded());
        refusedPrompts.addAll(state.refusedPrompts());
    }

    /** Whether one more request may be admitted at the trainer's version. */
    public boolean open(long version) {
        return inFlight() + accepted < bound.limit(version);
    }

    /**
     * Admits the next request, passing over prompts that were refused.
     *
     * @throws IllegalStateException if the bound is reached
     */
    public Ticket admit(long version) {
        if (!open(version)) {
            throw new IllegalStateException("admission is closed at version " + version);
        }
        var question = nextQuestion();
        while (refused(question.promptPosition())) {
            abandoned++;
            question = nextQuestion();
        }
        var ticket = new Ticket(nextIndex++, question.promptPosition(), question.attempt());
        inFlight.put(ticket.requestIndex(), ticket);
        return ticket;
    }

    private Ticket.Question nextQuestion() {
        return again.isEmpty() ? new Ticket.Question(nextPosition++, 0) : again.remove();
    }

    /**
     * Learns of a request that was published after the checkpoint was written. Call in ascending order of index, before
     * anything else.
     *
     * <p>Requests that were about to be published when the process died leave gaps: their indices stay unused, their
     * prompts are asked again.
     */
    public void recover(Ticket ticket) {
        if (ticket.requestIndex() < nextIndex) {
            return;
        }
        nextIndex = ticket.requestIndex() + 1;
        if (ticket.attempt() == 0) {
            while (nextPosition < ticket.promptPosition()) {
                again.add(new Ticket.Question(nextPosition++, 0));
            }
            if (nextPosition == ticket.promptPosition()) {
                nextPosition++;
            } else {
                again.remove(ticket.question());
            }
        } else if (!again.remove(ticket.question())) {
            inFlight.values().stream()
                    .filter(earlier -> earlier.question().again().equals(ticket.question()))
                    .forEach(earlier -> superseded.add(earlier.requestIndex()));
        }
        inFlight.put(ticket.requestIndex(), ticket);
    }

    /** What a group of a request is to the run. */
    public enum Standing {
        /** May be consumed. */
        AWAITED,
        /** Was dropped and replaced just before a crash; is to be dropped again. */
        REPLACED,
        /** Its fate is on record, or it was never admitted. */
        SETTLED
    }

    /** What a group of this request is to the run. */
    public Standing standing(long requestIndex) {
        if (!inFlight.containsKey(requestIndex)) {
            return Standing.SETTLED;
        }
        return superseded.contains(requestIndex) ? Standing.REPLACED : Standing.AWAITED;
    }

    /** Whether a group of this request may be consumed. */
    public boolean awaits(long requestIndex) {
        return standing(requestIndex) == Standing.AWAITED;
    }

    /** Counts a group as consumed by a training step. */
    public void accept(long requestIndex) {
        settle(requestIndex);
        accepted++;
    }

    /** Leaves out a group that teaches nothing: it is not consumed, and its prompt is answered and not asked again. */
    public void setAside(long requestIndex) {
        settle(requestIndex);
        setAside++;
    }

    private void settle(long requestIndex) {
        if (!awaits(requestIndex)) {
            throw new IllegalStateException("request " + requestIndex + " is not in flight");
        }
        inFlight.remove(requestIndex);
    }

    /** What became of a dropped request's prompt. */
    public enum Drop {
        /** Asked again as soon as the bound allows. */
        ASKED_AGAIN,
        /** Given up: this was the last attempt. */
        ABANDONED,
        /** Nothing to do: the request was not in flight, or is already replaced. */
        NOT_AWAITED
    }

    /** Gives up a request whose group came too old, incomplete or never. */
    public Drop drop(long requestIndex) {
        var ticket = inFlight.remove(requestIndex);
        if (ticket == null || superseded.remove(requestIndex)) {
            return Drop.NOT_AWAITED;
        }
        if (ticket.attempt() + 1 >= bound.mostAttempts()) {
            abandoned++;
            return Drop.ABANDONED;
        }
        again.add(ticket.question().again());
        return Drop.ASKED_AGAIN;
    }

    /** Gives up a request in flight whose prompt no worker can answer; the prompt is not asked again. */
    public void refuse(long requestIndex) {
        var ticket = inFlight.remove(requestIndex);
        if (ticket == null) {
            throw new IllegalStateException("request " + requestIndex + " is not in flight");
        }
        refusedPrompts.add(fingerprints.apply(ticket.promptPosition()));
        if (!superseded.remove(requestIndex)) {
            abandoned++;
        }
    }

    /** Whether a worker has refused the prompt that the data have at this position now. */
    public boolean refused(long promptPosition) {
        return !refusedPrompts.isEmpty() && refused(fingerprints.apply(promptPosition));
    }

    /** Whether a worker has refused a prompt with the text of this fingerprint. */
    public boolean refused(String fingerprint) {
        return refusedPrompts.contains(fingerprint);
    }

    /** Whether a worker has refused any prompt. */
    public boolean refusedAny() {
        return !refusedPrompts.isEmpty();
    }

    /** Requests admitted and neither consumed nor dropped. */
    public int inFlight() {
        return inFlight.size() - superseded.size();
    }

    /** The ticket of a request in flight. */
    public Ticket ticket(long requestIndex) {
        return Objects.requireNonNull(inFlight.get(requestIndex), "request is not in flight");
    }

    /** Indices of the requests in flight, ascending. */
    public List<Long> awaited() {
        return inFlight.keySet().stream().filter(this::awaits).toList();
    }

    /** Groups consumed by training steps. */
    public long accepted() {
        return accepted;
    }

    /** Whether any group was complete. */
    public boolean anyAnswered() {
        return accepted > 0 || setAside > 0;
    }

    /** Prompts given up after the last attempt. */
    public long abandoned() {
        return abandoned;
    }

    /** The state to be written to a checkpoint. */
    public AdmissionState state() {
        return new AdmissionState(
                nextIndex,
                nextPosition,
                accepted,
                List.copyOf(inFlight.values()),
                List.copyOf(again),
                abandoned,
                superseded.stream().sorted().toList(),
                List.copyOf(refusedPrompts),
                setAside);
    }
}
