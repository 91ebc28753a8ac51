package dev.respec.trainer;

import dev.respec.schemas.EvaluationRequestId;
import dev.respec.schemas.RolloutRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The requests of evaluations that are in flight. Owned by the trainer's thread. */
final class EvaluationRequests {
    private final Set<String> awaited = new HashSet<>();
    private final Map<String, String> refused = new TreeMap<>();
    private final List<EvaluationRequestId> recovered = new ArrayList<>();

    /** Learns of requests that were published after the checkpoint. */
    void recover(Collection<RolloutRequest> requests) {
        asked(requests);
        requests.forEach(
                request -> EvaluationRequestId.parse(request.getRequestId()).ifPresent(recovered::add));
    }

    void asked(Collection<RolloutRequest> requests) {
        requests.forEach(request -> awaited.add(request.getRequestId()));
    }

    void refused(String requestId, String why) {
        refused.put(requestId, why);
    }

    /** What an earlier life of the trainer asked since its last checkpoint. */
    List<EvaluationRequestId> recovered() {
        return List.copyOf(recovered);
    }

    /** What is not among these is not asked again if it is lost. */
    void awaitOnly(Set<String> requestIds) {
        awaited.retainAll(requestIds);
    }

    Set<String> awaited() {
        return Set.copyOf(awaited);
    }

    /** Requests that no worker can answer, with the reason; each is returned once. */
    Map<String, String> takeRefused() {
        var taken = Map.copyOf(refused);
        refused.clear();
        return taken;
    }
}
