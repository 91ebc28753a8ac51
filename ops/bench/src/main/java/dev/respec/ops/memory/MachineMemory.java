package dev.respec.ops.memory;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Memory of this machine, or of the container that this process runs in.
 *
 * @param totalBytes of the machine, or the lowest limit of a control group above this process
 * @param availableBytes what a new process can take without swapping: free, or held by caches that can be given up
 * @param owner whose it is, for messages: "this machine" or "this container"
 */
public record MachineMemory(long totalBytes, long availableBytes, String owner) {
    private static final String MACHINE = "this machine";
    private static final String CONTAINER = "this container";
    private static final Path GROUPS = Path.of("sys/fs/cgroup");

    /** Of the machine that this process runs on. */
    public static MachineMemory current() {
        return read(Path.of("/"));
    }

    /** @param root of the file system with {@code proc} and {@code sys}; elsewhere than on Linux neither is there */
    static MachineMemory read(Path root) {
        long total = meminfo(root, "MemTotal:").orElseGet(MachineMemory::physical);
        // Where the system does not say, four fifths: the rest is the system's and that of other programs.
        long available = meminfo(root, "MemAvailable:").orElse(total / 5 * 4);
        String owner = MACHINE;
        for (Path group : groups(root)) {
            OptionalLong limit = number(group, "memory.max", "memory.limit_in_bytes");
            if (limit.isEmpty() || limit.getAsLong() >= total) {
                continue;
            }
            total = limit.getAsLong();
            owner = CONTAINER;
            long used = number(group, "memory.current", "memory.usage_in_bytes").orElse(0)
                    - statistic(group, "inactive_file ").orElse(0);
            available = Math.min(available, Math.max(0, total - Math.max(0, used)));
        }
        return new MachineMemory(total, Math.min(available, total), owner);
    }

    /** The same machine with at most so much to plan with. */
    MachineMemory limitedTo(long bytes) {
        return new MachineMemory(totalBytes, Math.min(bytes, availableBytes), owner);
    }

    /** What can be taken, in words. */
    String described() {
        return "%s has %s, of which %s can be used"
                .formatted(owner, Bytes.text(totalBytes), Bytes.text(availableBytes));
    }

    private static long physical() {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return system.getTotalMemorySize();
    }

    private static OptionalLong meminfo(Path root, String field) {
        return lineNumber(root.resolve("proc/meminfo"), field, 1024);
    }

    /** The groups of this process, from its own up to the root: in a container its own is the root. */
    private static List<Path> groups(Path root) {
        Path unified = root.resolve(GROUPS);
        List<Path> groups = new ArrayList<>();
        for (String line : lines(root.resolve("proc/self/cgroup"))) {
            boolean version2 = line.startsWith("0::/");
            if (!version2 && !line.contains(":memory:")) {
                continue;
            }
            Path top = version2 ? unified : unified.resolve("memory");
            Path own = top.resolve(line.substring(line.lastIndexOf(':') + 2)).normalize();
            for (Path path = own; path != null && path.startsWith(top); path = path.getParent()) {
                groups.add(path);
            }
        }
        return groups;
    }

    private static OptionalLong number(Path group, String... names) {
        for (String name : names) {
            for (String line : lines(group.resolve(name))) {
                if (line.matches("\\d{1,18}")) {
                    return OptionalLong.of(Long.parseLong(line));
                }
            }
        }
        return OptionalLong.empty();
    }

    private static OptionalLong statistic(Path group, String field) {
        return lineNumber(group.resolve("memory.stat"), field, 1);
    }

    private static OptionalLong lineNumber(Path file, String field, long unit) {
        return lines(file).stream()
                .filter(line -> line.startsWith(field))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * unit)
                .findFirst();
    }

    private static List<String> lines(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException unreadable) {
            return List.of();
        }
    }
}
