package dev.respec.ops.memory;

import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.kernels.ComputeDevice;
import dev.respec.ops.memory.ProcessMemory.Part;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.DeviceSetting;
import dev.respec.stage.config.ModelSection;
import dev.respec.stage.config.RespecConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What the stages of a run take of the CUDA devices that they compute on, beside what the devices have. */
final class DevicePlan {
    /** Share of a device beyond which a run is refused: allocators leave gaps. */
    private static final double MOST = 0.92;

    /** Context and libraries of a process on a device: an estimate from NVIDIA's documents, not measured. */
    private static final long CONTEXT = 600 * Bytes.MEBI;

    private static final int FEATURE_LAYERS = 3;
    private static final Set<String> ON_THE_HOST = Set.of("heap", "native library");

    private final RespecConfig config;
    private final StageSizes sizes;
    private final Function<DeviceSetting, Optional<Device>> devices;
    private final Map<Device, List<ProcessMemory>> uses = new LinkedHashMap<>();

    /**
     * A device that a stage computes on.
     *
     * @param name as a setting names it, and its model
     * @param bytes of its memory
     */
    record Device(String name, long bytes) {}

    /** @param devices finds the device of a setting; empty for the processor */
    DevicePlan(RespecConfig config, StageSizes sizes, Function<DeviceSetting, Optional<Device>> devices) {
        this.config = config;
        this.sizes = sizes;
        this.devices = devices;
    }

    /** The device that a setting asks for, as its driver describes it. */
    static Optional<Device> found(DeviceSetting setting) {
        ComputeDevice device = setting.resolve(ComputeDevice::of);
        return device.isCpu()
                ? Optional.empty()
                : Optional.of(new Device(device + " " + device.model(), device.memoryBytes()));
    }

    /**
     * One line per device.
     *
     * @param processes of the host's plan: what trainer and learner hold there beside their heap lies on their device
     * @throws BadInputException naming what does not fit
     */
    List<String> lines(List<ProcessMemory> processes) {
        add(config.workerDevice(), new ProcessMemory("worker", 0, worker()));
        for (ProcessMemory process : processes) {
            if (process.name().equals("trainer")) {
                add(config.trainerDevice(), moved(process));
            } else if (process.name().equals("learner")) {
                add(config.learnerDevice(), moved(process));
            }
        }
        List<String> lines = new ArrayList<>();
        uses.forEach((device, stages) -> lines.add(line(device, stages)));
        return lines;
    }

    private void add(DeviceSetting setting, ProcessMemory stage) {
        devices.apply(setting)
                .ifPresent(device ->
                        uses.computeIfAbsent(device, key -> new ArrayList<>()).add(stage));
    }

    private static ProcessMemory moved(ProcessMemory process) {
        List<Part> parts = new ArrayList<>(process.parts());
        parts.removeIf(part -> ON_THE_HOST.contains(part.name()));
        parts.add(new Part("context", CONTEXT));
        return new ProcessMemory(process.name(), 0, parts);
    }

    private List<Part> worker() {
        var section = config.worker();
        ModelConfig policy = sizes.policy();
        Eagle3Config drafter = sizes.drafter();
        ModelConfig smaller = sizes.smaller();
        long element = config.model().computeType() == ModelSection.ComputeType.FLOAT32 ? Float.BYTES : Short.BYTES;
        long columns = (long) section.slots() * Math.min(section.capacity(), policy.maxPositions());
        long features = drafter == null ? 0 : (long) FEATURE_LAYERS * policy.hiddenSize();
        List<Part> parts = new ArrayList<>();
        parts.add(new Part("policy", element * policy.parameters()));
        parts.add(new Part(
                "keys and values of " + section.slots() + " slots", element * columns * (column(policy) + features)));
        if (drafter != null) {
            long embeddings = (long) policy.vocabularySize() * policy.hiddenSize();
            long column = 2L * drafter.keyValueHeads() * drafter.headDimension();
            parts.add(new Part("drafter", element * (drafter.parameters() + embeddings + columns * column)));
        }
        if (smaller != null) {
            parts.add(new Part("smaller model", element * (smaller.parameters() + columns * column(smaller))));
        }
        long rows = (long) section.slots() * (sizes.longestDraft(config) + 1);
        parts.add(new Part("logits", 2 * rows * policy.vocabularySize() * Float.BYTES));
        parts.add(new Part("context", CONTEXT));
        return parts;
    }

    private static long column(ModelConfig model) {
        return 2L * model.layers() * model.keyValueHeads() * model.headDimension();
    }

    private static String line(Device device, List<ProcessMemory> stages) {
        long bytes = stages.stream().mapToLong(ProcessMemory::bytes).sum();
        String described = stages.stream()
                .map(stage -> "%s %s (%s)".formatted(stage.name(), Bytes.text(stage.bytes()), stage.described()))
                .collect(Collectors.joining("; "));
        if (bytes > MOST * device.bytes()) {
            throw new BadInputException(
                    "%s has %s, but the stages on it need %s: %s. Give stages devices of their own (trainer.device=cuda:1), lower worker.slots or worker.capacity, or train an adapter with --set trainer.lora.rank=%d"
                            .formatted(
                                    device.name(),
                                    Bytes.text(device.bytes()),
                                    Bytes.text(bytes),
                                    described,
                                    MemoryPlanner.SUGGESTED_RANK));
        }
        return "%s: %s planned of %s; %s"
                .formatted(device.name(), Bytes.text(bytes), Bytes.text(device.bytes()), described);
    }
}
