package dev.respec.ops.memory;

import dev.respec.stage.config.RespecConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What every process of a local run takes.
 *
 * @param config the settings that the plan is for
 * @param heaps room of the heaps
 * @param processes that compute, by name
 * @param light the others
 * @param lowered settings that were lowered so that it fits, as text
 * @param devices the same of CUDA devices that stages compute on, one line per device
 */
public record MemoryPlan(
        RespecConfig config,
        StageSizes.Heaps heaps,
        List<ProcessMemory> processes,
        List<ProcessMemory> light,
        MachineMemory machine,
        List<String> lowered,
        List<String> devices) {
    public MemoryPlan {
        processes = List.copyOf(processes);
        light = List.copyOf(light);
        lowered = List.copyOf(lowered);
        devices = List.copyOf(devices);
    }

    /** All processes together. */
    public long bytes() {
        return sum(processes) + sum(light);
    }

    /** The configuration with the heaps of the plan in place of {@code auto}. */
    public RespecConfig settled() {
        List<String> settings = new ArrayList<>();
        processes.forEach(process ->
                settings.add("local.stage-memory." + process.name() + "=" + Bytes.option(process.heapBytes())));
        return config.withOverrides(settings);
    }

    /** The plan as a table, one line per row. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("Memory: %s planned; %s".formatted(Bytes.text(bytes()), machine.described()));
        processes.forEach(process -> lines.add(row(process.name(), process.bytes(), process.described())));
        String others = light.stream()
                .filter(process -> process.bytes() > 0)
                .map(ProcessMemory::name)
                .collect(Collectors.joining(", "));
        lines.add(row("others", sum(light), others));
        if (!lowered.isEmpty()) {
            lines.add("  lowered to fit: " + String.join(", ", lowered));
        }
        lines.addAll(devices);
        return lines;
    }

    /** With the lines of the devices. */
    MemoryPlan on(List<String> lines) {
        return new MemoryPlan(config, heaps, processes, light, machine, lowered, lines);
    }

    private static String row(String name, long bytes, String parts) {
        return String.format(Locale.ROOT, "  %-8s %9s  %s", name, Bytes.text(bytes), parts);
    }

    private static long sum(List<ProcessMemory> processes) {
        return processes.stream().mapToLong(ProcessMemory::bytes).sum();
    }
}
