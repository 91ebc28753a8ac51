package dev.respec.ops.report;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.respec.ops.cluster.Installation;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The machine that a run was made on, and the build.
 *
 * @param memoryBytes that the machine, or the container, has
 * @param revision of the sources; "" if the build does not know it
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Machine(
        String processor, int cores, long memoryBytes, String system, String java, String version, String revision) {
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

    /** This machine and the build that is installed. */
    public static Machine of(Installation installation) {
        return current(installation.version(), installation.revision());
    }

    private static Machine current(String version, String revision) {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new Machine(
                processorName(),
                Runtime.getRuntime().availableProcessors(),
                system.getTotalMemorySize(),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.runtime.version") + ", " + System.getProperty("java.vendor"),
                version,
                revision);
    }

    /** The model's name if the system tells it, else the architecture. */
    private static String processorName() {
        String architecture = System.getProperty("os.arch");
        if (!Files.isReadable(PROCESSORS)) {
            return architecture;
        }
        try (Stream<String> lines = Files.lines(PROCESSORS)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(architecture);
        } catch (IOException e) {
            return architecture;
        }
    }
}
