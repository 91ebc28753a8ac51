package dev.respec.ops.memory;

import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Fits a stage that is started by itself, as in a container, into the memory that it has: lowers what the user left at its
 * default, or refuses.
 */
public final class StageLimit {
    private final String stage;
    private final StageSizes sizes;
    private final MachineMemory machine;

    private StageLimit(String stage, StageSizes sizes, MachineMemory machine) {
        this.stage = stage;
        this.sizes = sizes;
        this.machine = machine;
    }

    /**
     * The configuration that a stage that computes with models fits with.
     *
     * @param config with folders for models
     * @param told gets a line if settings had to be lowered
     * @throws BadInputException naming what does not fit
     */
    public static RespecConfig fit(String stage, RespecConfig config, Consumer<String> told) {
        return fit(stage, config, Runtime.getRuntime().maxMemory(), MachineMemory.current(), told);
    }

    static RespecConfig fit(
            String stage, RespecConfig config, long heapBytes, MachineMemory machine, Consumer<String> told) {
        String heap = "local.stage-memory." + stage + "=" + Bytes.option(heapBytes);
        var limit = new StageLimit(stage, StageSizes.of(config), machine);
        List<String> lowered = limit.lowered(config, heap);
        RespecConfig fitted = lowered.isEmpty() ? config : config.withOverrides(lowered);
        limit.process(fitted.withOverrides(List.of(heap)))
                .filter(limit::exceeds)
                .ifPresent(process -> {
                    throw limit.refused(process, fitted.withOverrides(List.of(heap)));
                });
        if (!lowered.isEmpty()) {
            told.accept("lowered to fit the %s of %s: %s"
                    .formatted(Bytes.text(machine.totalBytes()), machine.owner(), String.join(", ", lowered)));
        }
        return fitted;
    }

    /** As few settings as fit; all that help if none is enough. */
    private List<String> lowered(RespecConfig config, String heap) {
        List<String> lowered = new ArrayList<>();
        long needed = needed(config, lowered, heap);
        for (Lowering lowering : Lowering.of(stage)) {
            if (needed <= machine.totalBytes()) {
                break;
            }
            if (!lowering.isAllowed(config)) {
                continue;
            }
            List<String> next = new ArrayList<>(lowered);
            next.removeIf(lowering::replaces);
            next.add(lowering.setting(sizes, config.withOverrides(lowered)));
            long then = needed(config, next, heap);
            if (then < needed) {
                lowered = next;
                needed = then;
            }
        }
        return lowered;
    }

    private long needed(RespecConfig config, List<String> lowered, String heap) {
        List<String> settings = new ArrayList<>(lowered);
        settings.add(heap);
        return process(config.withOverrides(settings)).map(ProcessMemory::bytes).orElse(0L);
    }

    private boolean exceeds(ProcessMemory process) {
        return process.bytes() > machine.totalBytes();
    }

    private BadInputException refused(ProcessMemory process, RespecConfig config) {
        return new BadInputException(
                "the %s needs %s for model.policy %s, and %s has %s: %s. Raise the limit, or lower %s%s"
                        .formatted(
                                stage,
                                Bytes.text(process.bytes()),
                                config.model().policy(),
                                machine.owner(),
                                Bytes.text(machine.totalBytes()),
                                process.described(),
                                adjustable(),
                                adapter(config)));
    }

    private String adjustable() {
        return stage.equals("worker")
                ? "worker.slots, worker.capacity or the heap (-XX:MaxRAMPercentage)"
                : stage.equals("trainer")
                        ? "trainer.micro-batch-tokens or the heap (-XX:MaxRAMPercentage)"
                        : "the heap (-XX:MaxRAMPercentage)";
    }

    /** What an adapter would take, if that fits and none is trained yet. */
    private String adapter(RespecConfig config) {
        if (!stage.equals("trainer") || config.trainer().lora().rank() > 0) {
            return "";
        }
        String setting = "trainer.lora.rank=" + MemoryPlanner.SUGGESTED_RANK;
        return process(config.withOverrides(List.of(setting)))
                .filter(process -> !exceeds(process))
                .map(process ->
                        ", or train an adapter with --set %s (%s)".formatted(setting, Bytes.text(process.bytes())))
                .orElse("");
    }

    private Optional<ProcessMemory> process(RespecConfig config) {
        Eagle3Config drafter = sizes.drafter();
        return switch (stage) {
            case "worker" -> Optional.of(sizes.worker(config, StageSizes.Heaps.LEAST));
            case "trainer" -> Optional.of(sizes.trainer(config, StageSizes.Heaps.LEAST));
            case "learner" ->
                Optional.ofNullable(drafter).map(taught -> sizes.learner(config, taught, StageSizes.Heaps.LEAST));
            default -> Optional.empty();
        };
    }
}
