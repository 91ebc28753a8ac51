package dev.respec.ops.memory;

import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import java.util.List;
import java.util.Optional;

/** Whether a stage that is started by itself, as in a container, fits the memory that it has. */
public final class StageLimit {
    private StageLimit() {}

    /**
     * Checks a stage that computes with models.
     *
     * @param config with folders for models
     * @throws BadInputException naming what does not fit
     */
    public static void requireFits(String stage, RespecConfig config) {
        require(stage, config, Runtime.getRuntime().maxMemory(), MachineMemory.current());
    }

    static void require(String stage, RespecConfig config, long heapBytes, MachineMemory machine) {
        String heap = "local.stage-memory." + stage + "=" + Bytes.option(heapBytes);
        process(stage, config.withOverrides(List.of(heap)))
                .filter(process -> process.bytes() > machine.totalBytes())
                .ifPresent(process -> {
                    throw new BadInputException(
                            "the %s needs %s for model.policy %s, and %s has %s: %s. Raise the limit, or lower %s"
                                    .formatted(
                                            stage,
                                            Bytes.text(process.bytes()),
                                            config.model().policy(),
                                            machine.owner(),
                                            Bytes.text(machine.totalBytes()),
                                            process.described(),
                                            adjustable(stage)));
                });
    }

    private static Optional<ProcessMemory> process(String stage, RespecConfig config) {
        StageSizes sizes = StageSizes.of(config);
        Eagle3Config drafter = sizes.drafter();
        return switch (stage) {
            case "worker" -> Optional.of(sizes.worker(config, StageSizes.Heaps.LEAST));
            case "trainer" -> Optional.of(sizes.trainer(config, StageSizes.Heaps.LEAST));
            case "learner" ->
                Optional.ofNullable(drafter).map(taught -> sizes.learner(config, taught, StageSizes.Heaps.LEAST));
            default -> Optional.empty();
        };
    }

    private static String adjustable(String stage) {
        return switch (stage) {
            case "worker" -> "worker.slots, worker.capacity or the heap (-XX:MaxRAMPercentage)";
            case "trainer" ->
                "trainer.micro-batch-tokens, switch trainer.gradient-checkpointing on, or train an adapter with trainer.lora.rank";
            default -> "the heap (-XX:MaxRAMPercentage)";
        };
    }
}
