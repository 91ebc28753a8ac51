package dev.respec.trainer.checkpoint;

import dev.respec.trainer.admission.AdmissionState;
import dev.respec.trainer.assembly.Cursor;
import java.util.Map;

/**
 * Where a run stands after a step, beside its weights and optimiser. Random choices derive from seeds, step and
 * position, so there is no random state to keep.
 *
 * @param step steps done; the version of the weights stands in the checkpoint's weight update
 * @param admission requests in flight as of this step
 * @param cursor where the next step reads on in {@code scored-rollouts}
 * @param requestOffsets offset by partition from which {@code rollout-requests} may hold requests admitted later
 */
public record TrainerState(
        String runId, long step, AdmissionState admission, Cursor cursor, Map<Integer, Long> requestOffsets) {
    public TrainerState {
        if (runId.isBlank() || step < 0) {
            throw new IllegalArgumentException("a state needs a run id and a step that is not negative");
        }
        requestOffsets = Map.copyOf(requestOffsets);
    }
}
