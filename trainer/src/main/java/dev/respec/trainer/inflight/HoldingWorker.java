package dev.respec.trainer.inflight;

import dev.respec.schemas.WorkerState;
import dev.respec.schemas.WorkerStatus;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** One process of a worker, as its last status describes it. Times are of the reader's attentive clock. */
final class HoldingWorker {
    /** A worker whose engine is silent for longer takes nothing. */
    private static final long MOVING_NANOS = 2_000_000_000L;

    private final String workerId;
    private final Set<String> held = new HashSet<>();

    /** Held by the status, but asked again already because the engine is silent. */
    private final Set<String> lost = new HashSet<>();

    private boolean ready;
    private long heardNanos;
    private long idleSinceNanos;
    private long engineSilentNanos;

    /** What a status changed. */
    record Change(List<String> taken, List<String> gone) {}

    HoldingWorker(WorkerStatus status, long now) {
        workerId = status.getWorkerId();
        heardNanos = now;
        idleSinceNanos = now;
    }

    String workerId() {
        return workerId;
    }

    Change update(WorkerStatus status, long now) {
        ready = status.getState() == WorkerState.READY;
        heardNanos = now;
        engineSilentNanos = status.getEngineSilentMilliseconds() * 1_000_000;
        var holds = new HashSet<>(status.getHeldRequestIds());
        var change = new Change(
                holds.stream().filter(id -> !held.contains(id)).toList(),
                held.stream().filter(id -> !holds.contains(id)).toList());
        held.clear();
        held.addAll(holds);
        lost.retainAll(held);
        if (!ready || !held.isEmpty() || engineSilentNanos > MOVING_NANOS) {
            idleSinceNanos = now;
        }
        return change;
    }

    /** The engine moves again: what it holds counts again. */
    void recover() {
        lost.clear();
    }

    void lose(Collection<String> requestIds) {
        lost.addAll(requestIds);
    }

    boolean holds(String requestId) {
        return held.contains(requestId) && !lost.contains(requestId);
    }

    List<String> holds() {
        return held.stream().filter(id -> !lost.contains(id)).sorted().toList();
    }

    long silentNanos(long now) {
        return now - heardNanos;
    }

    /** The engine's silence goes on while nothing is heard. */
    long engineSilentNanos(long now) {
        return engineSilentNanos + silentNanos(now);
    }

    /** How long the worker has had nothing to do and would have taken whatever lay in the queue. */
    long idleNanos() {
        return heardNanos - idleSinceNanos;
    }
}
