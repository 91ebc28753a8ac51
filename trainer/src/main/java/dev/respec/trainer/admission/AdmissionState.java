package dev.respec.trainer.admission;

import java.util.List;

/**
 * Everything admission knows, as it stands in a checkpoint.
 *
 * @param nextIndex index of the next request
 * @param nextPosition position of the next prompt that was never asked
 * @param accepted groups consumed by training steps so far
 * @param inFlight requests admitted and neither consumed nor dropped, by index
 * @param again prompts to be asked again before new ones, oldest first
 * @param abandoned prompts given up after the last attempt
 * @param superseded indices among those in flight that a later request asks in the place of; their groups are to be
 *     dropped when they come
 * @param refusedPrompts fingerprints of prompts that no worker can answer; they are passed over
 * @param setAside groups left out because they teach nothing
 */
public record AdmissionState(
        long nextIndex,
        long nextPosition,
        long accepted,
        List<Ticket> inFlight,
        List<Ticket.Question> again,
        long abandoned,
        List<Long> superseded,
        List<String> refusedPrompts,
        long setAside) {
    public AdmissionState {
        inFlight = List.copyOf(inFlight);
        again = List.copyOf(again);
        superseded = superseded == null ? List.of() : List.copyOf(superseded); // checkpoints of version 0.1 have none
        refusedPrompts = refusedPrompts == null ? List.of() : List.copyOf(refusedPrompts); // likewise
    }

    /** Nothing admitted yet. */
    public static AdmissionState initial() {
        return new AdmissionState(0, 0, 0, List.of(), List.of(), 0, List.of(), List.of(), 0);
    }
}
