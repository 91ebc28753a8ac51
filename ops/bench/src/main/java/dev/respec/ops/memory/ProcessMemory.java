package dev.respec.ops.memory;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Memory of one process.
 *
 * @param name of the process
 * @param heapBytes most of the Java heap
 * @param parts what it holds, the heap among it
 */
public record ProcessMemory(String name, long heapBytes, List<Part> parts) {
    /** One use of memory, in bytes. */
    public record Part(String name, long bytes) {}

    public ProcessMemory {
        parts = List.copyOf(parts);
    }

    public long bytes() {
        return parts.stream().mapToLong(Part::bytes).sum();
    }

    /** The parts, the largest first, without those too small to matter. */
    String described() {
        return parts.stream()
                .filter(part -> part.bytes() * 50 >= bytes())
                .sorted((a, b) -> Long.compare(b.bytes(), a.bytes()))
                .map(part -> part.name() + " " + Bytes.text(part.bytes()))
                .collect(Collectors.joining(", "));
    }
}
