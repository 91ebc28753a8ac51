package dev.respec.ops.memory;

import dev.respec.learner.pretraining.NewDrafter;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.ops.inputs.ModelInputs;
import dev.respec.ops.memory.StageSizes.Heaps;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes the plan of a local run: lowers what the user left at its default until the run fits, or refuses. */
public final class MemoryPlanner {
    /** Share of the free memory up to which nothing is lowered: the rest caches the files of weights. */
    private static final double COMFORTABLE = 0.65;

    /** Share of the free memory beyond which a run is refused. */
    private static final double MOST = 0.92;

    /** A setting is not lowered for less. */
    private static final long WORTH_WHILE = 32 * Bytes.MEBI;

    /** Settings to lower, those that cost least time first. */
    private static final List<String> LOWERINGS = List.of(
            "trainer.micro-batch-tokens=1280",
            "worker.slots=16",
            "trainer.gradient-checkpointing=true",
            "trainer.micro-batch-tokens=768",
            "worker.slots=8",
            "worker.slots=4");

    private static final int SUGGESTED_RANK = 16;

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
        return plan(config, MachineMemory.current());
    }

    static MemoryPlan plan(RespecConfig config, MachineMemory machine) {
        String memory = config.local().memory();
        MachineMemory usable = memory.equals("auto") ? machine : machine.limitedTo(Bytes.of(memory));
        return new MemoryPlanner(config, usable, sizes(config)).plan();
    }

    private static StageSizes sizes(RespecConfig config) {
        ModelConfig policy = ModelConfig.read(Path.of(config.model().policy()));
        String smaller = config.model().smaller();
        return new StageSizes(
                policy,
                drafter(config, policy),
                smaller.equals(ModelInputs.NONE) ? null : ModelConfig.read(Path.of(smaller)));
    }

    private static @Nullable Eagle3Config drafter(RespecConfig config, ModelConfig policy) {
        if (ModelInputs.isNewDrafter(config)) {
            return NewDrafter.config(policy);
        }
        String drafter = config.model().drafter();
        return drafter.equals(ModelInputs.NONE) ? null : Eagle3Checkpoint.readConfig(Path.of(drafter));
    }

    private MemoryPlan plan() {
        MemoryPlan plan = of(asked, Heaps.AMPLE, List.of());
        for (String setting : LOWERINGS) {
            if (plan.bytes() <= comfortable()) {
                return plan;
            }
            plan = lowered(plan, setting).orElse(plan);
        }
        if (plan.bytes() > comfortable()) {
            plan = of(plan.config(), Heaps.LEAST, plan.lowered());
        }
        if (plan.bytes() > MOST * machine.availableBytes()) {
            throw refused(plan);
        }
        return plan;
    }

    private double comfortable() {
        return COMFORTABLE * machine.availableBytes();
    }

    /** Empty where the user chose the value, or the memory that it saves is not worth it. */
    private Optional<MemoryPlan> lowered(MemoryPlan plan, String setting) {
        String key = setting.substring(0, setting.indexOf('='));
        if (!value(asked, key).equals(value(RespecConfig.defaults(), key))) {
            return Optional.empty();
        }
        RespecConfig config = plan.config().withOverrides(List.of(setting));
        List<String> told = new ArrayList<>(plan.lowered());
        told.removeIf(other -> other.startsWith(key + "="));
        told.add(setting);
        MemoryPlan next = of(config, Heaps.AMPLE, told);
        return plan.bytes() - next.bytes() < WORTH_WHILE ? Optional.empty() : Optional.of(next);
    }

    private static Object value(RespecConfig config, String key) {
        return switch (key) {
            case "trainer.micro-batch-tokens" -> config.trainer().microBatchTokens();
            case "trainer.gradient-checkpointing" -> config.trainer().gradientCheckpointing();
            case "worker.slots" -> config.worker().slots();
            default -> throw new IllegalArgumentException(key);
        };
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
                sizes.light("controller", heap.controller()),
                sizes.light("respec", "256m"));
        return new MemoryPlan(config, processes, light, machine, told);
    }

    private BadInputException refused(MemoryPlan plan) {
        String processes = plan.processes().stream()
                .map(process ->
                        "%s %s (%s)".formatted(process.name(), Bytes.text(process.bytes()), process.described()))
                .collect(Collectors.joining("; "));
        return new BadInputException("model.policy %s needs %s, and %s has %s free of %s: %s; others %s. %s"
                .formatted(
                        asked.model().policy(),
                        Bytes.text(plan.bytes()),
                        machine.owner(),
                        Bytes.text(machine.availableBytes()),
                        Bytes.text(machine.totalBytes()),
                        processes,
                        Bytes.text(plan.light().stream()
                                .mapToLong(ProcessMemory::bytes)
                                .sum()),
                        advice(plan)));
    }

    private String advice(MemoryPlan plan) {
        if (asked.trainer().lora().rank() == 0) {
            MemoryPlan adapted = of(
                    plan.config().withOverrides(List.of("trainer.lora.rank=" + SUGGESTED_RANK)),
                    Heaps.LEAST,
                    plan.lowered());
            if (adapted.bytes() <= MOST * machine.availableBytes()) {
                return "Train an adapter with --set trainer.lora.rank=%d (%s), or take a smaller model"
                        .formatted(SUGGESTED_RANK, Bytes.text(adapted.bytes()));
            }
        }
        return asked.equals(plan.config())
                ? "Take a smaller model or a larger machine"
                : "Take a smaller model, a larger machine, or lower sampling.max-tokens and worker.capacity";
    }
}
