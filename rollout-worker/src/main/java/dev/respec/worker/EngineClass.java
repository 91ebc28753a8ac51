package dev.respec.worker;

import dev.respec.model.ComputeType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What decides how long a step of a given model takes. Costs, statistics and settings carry {@link #text}; workers whose
 * texts differ share none of them.
 *
 * @param processor its model, for example "amd64-amd-epyc-25-1"
 * @param threads of one operation
 * @param kernel what computes the steps
 * @param computeType element type of the weights
 */
record EngineClass(String processor, int threads, String kernel, ComputeType computeType) {
    private static final Path LINUX_PROCESSORS = Path.of("/proc/cpuinfo");

    static EngineClass of(WorkerModels models, int threads) {
        return new EngineClass(
                thisProcessor(), threads, models.engine().target().kernelName(), models.computeType());
    }

    /** Processor and threads. */
    String device() {
        return slug(processor) + "-" + threads;
    }

    /** All of it. */
    String text() {
        return device() + "-" + slug(kernel) + "-" + slug(computeType.name());
    }

    /** Architecture and model of this machine's processor, as far as the operating system tells. */
    static String thisProcessor() {
        List<String> description = List.of();
        try {
            description = Files.isReadable(LINUX_PROCESSORS) ? Files.readAllLines(LINUX_PROCESSORS) : List.of();
        } catch (IOException e) {
            // the architecture alone has to do
        }
        String windows = System.getenv().getOrDefault("PROCESSOR_IDENTIFIER", "");
        return System.getProperty("os.arch") + " " + (description.isEmpty() ? windows : model(description));
    }

    /**
     * The first processor of Linux' description. A virtual machine may hide the name, hence family and model; Arm has
     * numbers of implementer and part in their place.
     */
    static String model(List<String> description) {
        Map<String, String> first = new LinkedHashMap<>();
        for (String line : description) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                first.putIfAbsent(
                        line.substring(0, colon).strip(),
                        line.substring(colon + 1).strip());
            }
        }
        return Stream.of("model name", "cpu family", "model", "CPU implementer", "CPU part", "CPU variant")
                .map(key -> first.getOrDefault(key, ""))
                .filter(value -> !value.isEmpty())
                .collect(Collectors.joining(" "));
    }

    private static String slug(String text) {
        return text.toLowerCase(Locale.ROOT)
                .replaceAll("\\((r|tm|c)\\)", "")
                .replaceAll("[^a-z0-9.]+", "-")
                .replaceAll("^-|-$", "");
    }
}
