package dev.respec.trainer.inflight;

import dev.respec.schemas.RolloutRequest;
import java.util.Locale;

/** A request to be published again, as it was. */
public record Repeat(RolloutRequest request, Cause cause) {
    /** What happened to the request. */
    public enum Cause {
        /** Nothing is heard of the worker that holds it. */
        WORKER_SILENT,
        /** The worker that held it stopped before it was done. */
        WORKER_STOPPED,
        /** Another process uses the worker's id now. */
        WORKER_REPLACED,
        /** The worker lives, but its generating thread does not move. */
        ENGINE_SILENT,
        /** No worker holds it, and it is not in the queue. */
        NOT_TAKEN;

        /** As metrics and logs name it. */
        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
