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
 */
public record AdmissionState(
        long nextIndex,
        long nextPosition,
        long accepted,
        List<Ticket> inFlight,
        List<Ticket.Question> again,
        long abandoned) {
    public AdmissionState {
        inFlight = List.copyOf(inFlight);
        again = List.copyOf(again);
    }

    /** Nothing admitted yet. */
    public static AdmissionState initial() {
        return new AdmissionState(0, 0, 0, List.of(), List.of(), 0);
    }
}
