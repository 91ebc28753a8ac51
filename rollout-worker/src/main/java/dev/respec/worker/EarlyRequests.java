package dev.respec.worker;

import dev.respec.schemas.RolloutPurpose;
import dev.respec.schemas.RolloutRequest;
import dev.respec.topics.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Evaluations of a version that the worker has not adopted yet: an older one would answer them in vain. What is training is
 * better begun at once.
 */
final class EarlyRequests {
    private final LongSupplier policyVersion;
    private final List<Event<RolloutRequest>> waiting = new ArrayList<>();

    /** @param policyVersion of the policy in force */
    EarlyRequests(LongSupplier policyVersion) {
        this.policyVersion = policyVersion;
    }

    /** Keeps the request if it is early; otherwise the answer is false, and it can begin. */
    boolean keeps(Event<RolloutRequest> event) {
        return isEarly(event) && waiting.add(event);
    }

    /** Those whose version has come; they are not kept any more. */
    List<Event<RolloutRequest>> due() {
        List<Event<RolloutRequest>> due =
                waiting.stream().filter(event -> !isEarly(event)).toList();
        waiting.removeAll(due);
        return due;
    }

    private boolean isEarly(Event<RolloutRequest> event) {
        RolloutRequest request = event.requireValue();
        return request.getPurpose() == RolloutPurpose.EVALUATION
                && request.getAdmittedAtVersion() > policyVersion.getAsLong();
    }
}
