package dev.respec.trainer;

import dev.respec.schemas.SourceOffsets;
import dev.respec.trainer.admission.Admission;
import dev.respec.trainer.assembly.GroupAssembler;
import dev.respec.trainer.checkpoint.TrainerState;
import dev.respec.trainer.curriculum.CurriculumState;
import java.util.List;
import java.util.Map;

/**
 * What a step consumed, and where the run stands after it.
 *
 * <p>Both come out of one call, so that the offsets a step records and those the next one starts from cannot differ.
 *
 * @param sources ranges of {@code scored-rollouts}; those of successive steps tile it
 * @param state for the step's checkpoint
 */
record StepAccount(List<SourceOffsets> sources, TrainerState state) {
    /**
     * Ends a step: everything taken from the assembler belongs to it.
     *
     * @param curriculum as of the step's end
     * @param requestOffsets offset by partition before which all of the run's requests are known to the admission
     */
    static StepAccount close(
            String runId,
            long step,
            GroupAssembler assembler,
            Admission admission,
            CurriculumState curriculum,
            Map<Integer, Long> requestOffsets) {
        var sources = assembler.commit();
        return new StepAccount(
                sources,
                new TrainerState(runId, step, admission.state(), assembler.cursor(), requestOffsets, curriculum));
    }
}
