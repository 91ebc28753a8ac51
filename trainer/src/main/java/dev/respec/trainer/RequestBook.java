package dev.respec.trainer;

import dev.respec.trainer.admission.Admission;
import dev.respec.trainer.admission.Ticket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The requests in flight and since when. Decides what is admitted and what has waited too long; publishes nothing.
 * Owned by the trainer's thread.
 */
final class RequestBook {
    private final Admission admission;
    private final Map<Long, Instant> admittedAt = new HashMap<>();

    /** @param now from when the requests of the checkpoint are counted: the time without a trainer is not theirs */
    RequestBook(Admission admission, Instant now) {
        this.admission = admission;
        admission.awaited().forEach(index -> admittedAt.put(index, now));
    }

    /** Learns of the requests that were published after the checkpoint; to be called once, before anything else. */
    void recover(Collection<Ticket> published, Instant now) {
        published.stream().sorted(Comparator.comparing(Ticket::requestIndex)).forEach(ticket -> {
            admission.recover(ticket);
            admittedAt.put(ticket.requestIndex(), now);
        });
    }

    /** Admits as many requests as the bound of the step allows; the caller publishes all of them or dies. */
    List<Ticket> admit(long step, Instant now) {
        var tickets = new ArrayList<Ticket>();
        while (admission.open(step)) {
            var ticket = admission.admit(step);
            admittedAt.put(ticket.requestIndex(), now);
            tickets.add(ticket);
        }
        return tickets;
    }

    /** Requests in flight for longer than the timeout. */
    List<Long> overdue(Instant now, Duration timeout) {
        var latest = now.minus(timeout);
        admittedAt.keySet().removeIf(index -> !admission.awaits(index));
        return admission.awaited().stream()
                .filter(index -> admittedAt.getOrDefault(index, latest).isBefore(latest))
                .toList();
    }
}
