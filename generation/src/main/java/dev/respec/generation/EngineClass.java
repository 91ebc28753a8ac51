package dev.respec.generation;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.respec.model.decoding.ComputeType;
import dev.respec.model.kernels.Torch;
import dev.respec.stage.config.WorkerSection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * What decides how long a step of a given model takes, and between which settings there is a choice. Costs, statistics and
 * settings carry {@link #text}; workers whose texts differ share none of them.
 *
 * @param processor its model, for example "amd64-amd-epyc-25-1", or that of the CUDA device
 * @param threads of one operation
 * @param kernel what computes the steps
 * @param computeType element type of the weights
 * @param slots sequences that may be active
 * @param choices batches that are decided for and settings that may be chosen
 */
public record EngineClass(
        String processor, int threads, String kernel, ComputeType computeType, int slots, List<String> choices) {
    private static final Path LINUX_PROCESSORS = Path.of("/proc/cpuinfo");

    public EngineClass {
        choices = List.copyOf(choices);
    }

    public static EngineClass of(WorkerModels models, WorkerSection worker) {
        Stream<?> choices = Stream.concat(worker.costBatches().stream(), models.candidates(worker).stream());
        return new EngineClass(
                Torch.device().isCpu() ? thisProcessor() : Torch.device().model(),
                worker.threads(),
                models.engine().target().kernelName(),
                models.computeType(),
                models.engine().slotLimit(),
                choices.map(String::valueOf).toList());
    }

    /** Processor and threads. */
    public String device() {
        return slug(processor) + "-" + threads;
    }

    /** All of it, the choices as a checksum. */
    public String text() {
        var checksum = new CRC32();
        checksum.update(String.join(" ", choices).getBytes(UTF_8));
        return "%s-%s-%s-%d-%08x"
                .formatted(device(), slug(kernel), slug(computeType.name()), slots, checksum.getValue());
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
