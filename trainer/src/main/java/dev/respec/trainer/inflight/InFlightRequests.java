package dev.respec.trainer.inflight;

import dev.respec.schemas.RefusedRequest;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.WorkerState;
import dev.respec.schemas.WorkerStatus;
import dev.respec.trainer.inflight.Repeat.Cause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The requests in flight and who answers for them, from the workers' statuses. A request is asked again if the worker that
 * holds it is gone, stopped or hangs, or if nobody holds it and the queue does not either. Asking again too early costs
 * time and nothing else, because the scorer drops repeats.
 *
 * <p>Decides and touches nothing else. Time is what {@link #attend} adds up: the time in which the caller was reading
 * statuses, so that nobody counts as dead because the caller or the broker was paused. Thread-safe: the trainer's thread
 * says what is in flight, and the reader of the statuses what workers do.
 */
public final class InFlightRequests {
    private final Patience patience;
    private final Map<String, Request> requests = new LinkedHashMap<>();
    private final Map<String, HoldingWorker> workers = new LinkedHashMap<>();
    private final Map<String, Cause> missing = new LinkedHashMap<>();
    private final Map<String, String> refusals = new LinkedHashMap<>();

    /** Processes that were heard of: only the first status of one replaces others that use its worker's id. */
    private final Set<String> seen = new HashSet<>();

    private long now;
    private boolean resultsKnown;

    private static final class Request {
        final RolloutRequest request;

        /** Position in the queue; -1 if it was published by an earlier life of the trainer. */
        long position;

        long publishedNanos;

        /** Since when it should have been taken; negative if there is no sign that it should. */
        long passedNanos = -1;

        int repeats;
        boolean answered;

        Request(RolloutRequest request, long position, long publishedNanos) {
            this.request = request;
            this.position = position;
            this.publishedNanos = publishedNanos;
        }
    }

    public InFlightRequests(Patience patience) {
        this.patience = patience;
    }

    /**
     * A request is in the queue.
     *
     * @param position empty if an earlier life of the trainer published it
     */
    public synchronized void published(RolloutRequest request, OptionalLong position) {
        requests.putIfAbsent(request.getRequestId(), new Request(request, position.orElse(-1), now));
    }

    /** A result of the request is in the log: the request needs no worker any more. */
    public synchronized void answered(String requestId) {
        var request = requests.get(requestId);
        if (request != null) {
            request.answered = true;
        }
    }

    /** Every result that was in the log when the trainer started has been reported; nothing is asked again before. */
    public synchronized void resultsKnown() {
        resultsKnown = true;
    }

    /** Whether {@link #resultsKnown()} was called. */
    public synchronized boolean knowsResults() {
        return resultsKnown;
    }

    /** Forgets every request but these. */
    public synchronized void retain(Set<String> requestIds) {
        requests.keySet().retainAll(requestIds);
    }

    /** The caller has read everything there was for this much longer. */
    public synchronized void attend(Duration time) {
        now += time.toNanos();
    }

    /** Learns from a status of this run's workers. Call in the order of the log. */
    public synchronized void heard(WorkerStatus status) {
        status.getFinishedRequestIds().forEach(this::answered);
        status.getRefusedRequests().forEach(this::refuse);
        var process = status.getWorkerId() + " " + status.getIncarnation();
        if (status.getState() == WorkerState.STOPPING) {
            workers.remove(process);
            miss(status.getHeldRequestIds(), Cause.WORKER_STOPPED);
            return;
        }
        var known = workers.get(process);
        var worker = known == null ? new HoldingWorker(status, now) : known;
        workers.put(process, worker);
        var change = worker.update(status, now);
        change.gone().forEach(this::letGo);
        if (worker.engineSilentNanos(now) < Patience.nanos(patience.engineSilence(), 0)) {
            worker.recover();
        }
        change.taken().forEach(this::taken);
        if (seen.add(process)) {
            replacePredecessors(process, worker);
        }
    }

    private void replacePredecessors(String process, HoldingWorker successor) {
        workers.entrySet().removeIf(entry -> {
            var worker = entry.getValue();
            boolean replaced = worker.workerId().equals(successor.workerId())
                    && !entry.getKey().equals(process);
            if (replaced) {
                miss(worker.holds(), Cause.WORKER_REPLACED);
            }
            return replaced;
        });
    }

    private void refuse(RefusedRequest refusal) {
        if (requests.containsKey(refusal.getRequestId())) {
            refusals.put(refusal.getRequestId(), refusal.getReason());
            answered(refusal.getRequestId());
        }
    }

    /** The queue hands out in order: what lies before a request that is taken should have been taken, too. */
    private void taken(String requestId) {
        missing.remove(requestId);
        var taken = requests.get(requestId);
        if (taken == null || taken.repeats > 0) {
            return; // a request that was published again tells nothing of those before its new position
        }
        for (var other : requests.values()) {
            if (other.passedNanos < 0 && other.position < taken.position) {
                other.passedNanos = now;
            }
        }
    }

    /** A worker does not hold the request any more and has not ended it: it is in the queue or it is lost. */
    private void letGo(String requestId) {
        var request = requests.get(requestId);
        if (request != null && !request.answered) {
            request.passedNanos = now;
        }
    }

    private void miss(Collection<String> requestIds, Cause cause) {
        requestIds.forEach(id -> missing.putIfAbsent(id, cause));
    }

    /** Requests to be asked again now; the caller publishes them and calls {@link #repeated}. */
    public synchronized List<Repeat> due() {
        missSilentWorkers();
        missSilentEngines();
        if (!resultsKnown) {
            return List.of();
        }
        missUntaken();
        var due = new ArrayList<Repeat>();
        missing.entrySet().removeIf(entry -> {
            var request = requests.get(entry.getKey());
            if (request == null || request.answered || held(entry.getKey())) {
                return true;
            }
            if (rests(request)) {
                return false;
            }
            due.add(new Repeat(request.request, entry.getValue()));
            return true;
        });
        return due;
    }

    /** A request that takes its workers with it must not take all of them within seconds. */
    private boolean rests(Request request) {
        return request.repeats > 0
                && now - request.publishedNanos < Patience.nanos(patience.silence(), request.repeats);
    }

    /** The request could not be published: it is due again. */
    public synchronized void notRepeated(Repeat repeat) {
        missing.putIfAbsent(repeat.request().getRequestId(), repeat.cause());
    }

    private void missSilentWorkers() {
        workers.values().removeIf(worker -> {
            boolean silent = worker.silentNanos(now) > patience.silence().toNanos();
            if (silent) {
                miss(worker.holds(), Cause.WORKER_SILENT);
            }
            return silent;
        });
    }

    private void missSilentEngines() {
        for (var worker : workers.values()) {
            var lost = worker.holds().stream()
                    .filter(id -> worker.engineSilentNanos(now) > Patience.nanos(patience.engineSilence(), repeats(id)))
                    .toList();
            worker.lose(lost);
            miss(lost, Cause.ENGINE_SILENT);
        }
    }

    private void missUntaken() {
        long idle = workers.values().stream()
                .mapToLong(HoldingWorker::idleNanos)
                .max()
                .orElse(0);
        requests.forEach((id, request) -> {
            long most = Patience.nanos(patience.untaken(), request.repeats);
            boolean passed = request.passedNanos >= 0 && now - request.passedNanos > most;
            boolean notInQueue = Math.min(idle, now - request.publishedNanos) > most;
            if ((passed || notInQueue) && !request.answered && !held(id)) {
                missing.putIfAbsent(id, Cause.NOT_TAKEN);
            }
        });
    }

    private int repeats(String requestId) {
        var request = requests.get(requestId);
        return request == null ? 0 : request.repeats;
    }

    private boolean held(String requestId) {
        return workers.values().stream().anyMatch(worker -> worker.holds(requestId));
    }

    /** The request is in the queue once more, at this position. */
    public synchronized void repeated(String requestId, long position) {
        var request = requests.get(requestId);
        if (request != null) {
            request.position = position;
            request.publishedNanos = now;
            request.passedNanos = -1;
            request.repeats++;
        }
    }

    /** Requests that no worker can answer, with the reason; each is returned once. */
    public synchronized Map<String, String> takeRefusals() {
        var taken = Map.copyOf(refusals);
        refusals.clear();
        return taken;
    }
}
