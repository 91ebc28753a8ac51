package dev.respec.worker;

import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import dev.respec.topics.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Decides which weights a worker fetches next: of each role the newest version announced, each version once, and never
 * one behind what it has. What cannot be fetched is tried again, later and later, until it can be or a newer version
 * replaces it. Decides and touches nothing else; owned by the inbox's thread.
 */
final class WeightAdoption {
    static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final String runId;
    private final Map<WeightRole, Long> taken = new EnumMap<>(WeightRole.class);
    private final Map<WeightRole, Announced> announced = new EnumMap<>(WeightRole.class);

    /** Announced and not taken, to be fetched no earlier than {@code notBefore}. */
    private record Announced(Event<WeightUpdate> event, Instant notBefore, Duration pause) {
        long version() {
            return event.requireValue().getVersion();
        }
    }

    /** @param runId of which updates count; empty takes those of every run */
    WeightAdoption(String runId) {
        this.runId = runId;
    }

    void announce(Event<WeightUpdate> event) {
        WeightUpdate update = event.value();
        if (update == null || !(runId.isEmpty() || update.getRunId().equals(runId))) {
            return;
        }
        Announced known = announced.get(update.getRole());
        boolean newer = update.getVersion() > taken.getOrDefault(update.getRole(), -1L)
                && (known == null || update.getVersion() >= known.version());
        if (newer) {
            announced.put(update.getRole(), new Announced(event, Instant.MIN, FIRST_PAUSE));
        }
    }

    /** What shall be fetched now. */
    List<Event<WeightUpdate>> due(Instant now) {
        return announced.values().stream()
                .filter(entry -> !now.isBefore(entry.notBefore()))
                .map(Announced::event)
                .toList();
    }

    void taken(Event<WeightUpdate> event) {
        WeightUpdate update = event.requireValue();
        taken.put(update.getRole(), update.getVersion());
        announced.remove(update.getRole());
    }

    /** Returns whether this was the first failure of the version. */
    boolean failed(Event<WeightUpdate> event, Instant now) {
        Announced entry = announced.get(event.requireValue().getRole());
        if (entry == null) {
            return false;
        }
        Duration next = entry.pause().multipliedBy(2);
        announced.put(
                event.requireValue().getRole(),
                new Announced(
                        entry.event(),
                        now.plus(entry.pause()),
                        next.compareTo(LONGEST_PAUSE) < 0 ? next : LONGEST_PAUSE));
        return entry.notBefore().equals(Instant.MIN);
    }
}
