package dev.respec.trainer.checkpoint;

import dev.respec.trainer.admission.AdmissionState;
import dev.respec.trainer.assembly.Cursor;
import dev.respec.trainer.curriculum.CurriculumState;
import java.util.Map;

/**
 * Where a run stands after a step, beside its weights and optimiser. Random choices derive from seeds, step and
 * position, so there is no random state to keep.
 *
 * @param step steps done; the version of the weights stands in the checkpoint's weight update
 * @param admission requests in flight as of this step
 * @param cursor where the next step reads on in {@code scored-rollouts}
 * @param requestOffsets offset by partition from which {@code rollout-requests} may hold requests admitted later
 * @param curriculum what prompts are drawn by
 */
public record TrainerState(
        String runId,
        long step,
        AdmissionState admission,
        Cursor cursor,
        Map<Integer, Long> requestOffsets,
        CurriculumState curriculum) {
    /** Of a run that begins. */
    public static TrainerState initial(String runId, Cursor cursor) {
        return new TrainerState(runId, 0, AdmissionState.initial(), cursor, Map.of(), CurriculumState.INITIAL);
    }

    public TrainerState {
        if (runId.isBlank() || step < 0) {
            throw new IllegalArgumentException("a state needs a run id and a step that is not negative");
        }
        requestOffsets = Map.copyOf(requestOffsets);
        curriculum = curriculum == null ? CurriculumState.INITIAL : curriculum; // earlier checkpoints have none
    }
}
