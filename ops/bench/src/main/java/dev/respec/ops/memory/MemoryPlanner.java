package dev.respec.ops.memory;

import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.ops.memory.StageSizes.Heaps;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.DeviceSetting;
import dev.respec.stage.config.RespecConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Makes the plan of a local run: lowers what the user left at its default until the run fits, or refuses. */
public final class MemoryPlanner {
    /** Share of the free memory up to which nothing is lowered: the rest caches the files of weights. */
    private static final double COMFORTABLE = 0.65;

    /** Share of the free memory beyond which a run is refused. */
    private static final double MOST = 0.92;

    /** A setting is not lowered for less. */
    private static final long WORTH_WHILE = 32 * Bytes.MEBI;

    static final int SUGGESTED_RANK = 16;

    private final RespecConfig asked;
    private final MachineMemory machine;
    private final StageSizes sizes;

    private MemoryPlanner(RespecConfig asked, MachineMemory machine, StageSizes sizes) {
        this.asked = asked;
        this.machine = machine;
        this.sizes = sizes;
    }

    /**
     * The plan of a run on this machine.
     *
     * @param config with folders for models
     * @throws BadInputException naming what does not fit
     */
    public static MemoryPlan plan(RespecConfig config) {
        return plan(config, MachineMemory.current(), DevicePlan::found);
    }

    /** @param devices finds the CUDA device of a setting; empty for the processor */
    static MemoryPlan plan(
            RespecConfig config, MachineMemory machine, Function<DeviceSetting, Optional<DevicePlan.Device>> devices) {
        String memory = config.local().memory();
        MachineMemory usable = memory.equals("auto") ? machine : machine.limitedTo(Bytes.of(memory));
        StageSizes sizes = StageSizes.of(config);
        MemoryPlan plan = new MemoryPlanner(config, usable, sizes).plan();
        return plan.on(new DevicePlan(plan.config(), sizes, devices).lines(plan.processes()));
    }

    private MemoryPlan plan() {
        MemoryPlan plan = lowered(of(asked, Heaps.AMPLE, List.of()), Lowering.CHEAP, COMFORTABLE);
        if (plan.bytes() > COMFORTABLE * machine.availableBytes()) {
            plan = of(plan.config(), Heaps.LEAST, plan.lowered());
        }
        plan = lowered(plan, Lowering.LAST, MOST);
        if (plan.bytes() > MOST * machine.availableBytes()) {
            throw refused(plan);
        }
        return plan;
    }

    private MemoryPlan lowered(MemoryPlan plan, List<Lowering> lowerings, double share) {
        MemoryPlan lowest = plan;
        for (Lowering lowering : lowerings) {
            if (lowest.bytes() <= share * machine.availableBytes()) {
                break;
            }
            lowest = lowered(lowest, lowering).orElse(lowest);
        }
        return lowest;
    }

    /** Empty if the user chose the value, or the memory that it saves is not worth it. */
    private Optional<MemoryPlan> lowered(MemoryPlan plan, Lowering lowering) {
        if (!lowering.isAllowed(asked)) {
            return Optional.empty();
        }
        String setting = lowering.setting(sizes, plan.config());
        RespecConfig config = plan.config().withOverrides(List.of(setting));
        List<String> told = new ArrayList<>(plan.lowered());
        told.removeIf(lowering::replaces);
        told.add(setting);
        MemoryPlan next = of(config, plan.heaps(), told);
        return plan.bytes() - next.bytes() < WORTH_WHILE ? Optional.empty() : Optional.of(next);
    }

    private MemoryPlan of(RespecConfig config, Heaps heaps, List<String> told) {
        List<ProcessMemory> processes = new ArrayList<>();
        processes.add(sizes.trainer(config, heaps));
        processes.add(sizes.worker(config, heaps));
        Eagle3Config drafter = sizes.drafter();
        if (drafter != null && config.learner().enabled()) {
            processes.add(sizes.learner(config, drafter, heaps));
        }
        var heap = config.local().stageMemory();
        List<ProcessMemory> light = List.of(
                sizes.light("broker", heap.broker()),
                sizes.light("registry", heap.registry()),
                sizes.light("scorer", heap.scorer()),
                sizes.rewards(config),
                sizes.light("controller", heap.controller()),
                sizes.light("respec", "256m"));
        return new MemoryPlan(config, heaps, processes, light, machine, told, List.of());
    }

    private BadInputException refused(MemoryPlan plan) {
        String processes = plan.processes().stream()
                .map(process ->
                        "%s %s (%s)".formatted(process.name(), Bytes.text(process.bytes()), process.described()))
                .collect(Collectors.joining("; "));
        return new BadInputException("a run of model.policy %s needs %s, but %s: %s; others %s. %s"
                .formatted(
                        asked.model().policy(),
                        Bytes.text(plan.bytes()),
                        machine.described(),
                        processes,
                        Bytes.text(plan.light().stream()
                                .mapToLong(ProcessMemory::bytes)
                                .sum()),
                        advice(plan)));
    }

    /** What would fit, with what it takes. */
    private String advice(MemoryPlan plan) {
        List<String> fitting = new ArrayList<>();
        if (asked.trainer().lora().rank() == 0) {
            fitting(plan, "trainer.lora.rank=" + SUGGESTED_RANK, sizes)
                    .ifPresent(option -> fitting.add("train an adapter with " + option));
        }
        if (sizes.drafter() != null) {
            fitting(plan, "model.drafter=none", sizes.withoutDrafter())
                    .ifPresent(option -> fitting.add("draft by suffix only with " + option));
        }
        return fitting.isEmpty()
                ? "Take a smaller model or a larger machine, or lower sampling.max-tokens and worker.capacity"
                : "What fits: " + String.join(", or ", fitting);
    }

    private Optional<String> fitting(MemoryPlan plan, String setting, StageSizes others) {
        MemoryPlan changed = new MemoryPlanner(asked, machine, others)
                .of(plan.config().withOverrides(List.of(setting)), Heaps.LEAST, plan.lowered());
        return changed.bytes() > MOST * machine.availableBytes()
                ? Optional.empty()
                : Optional.of("--set %s (%s)".formatted(setting, Bytes.text(changed.bytes())));
    }
}
