package dev.respec.model.checkpoint;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The content of one safetensors file. Tensors are views of the mapped file: replace such a file only by moving another
 * one over it, never by writing into it.
 *
 * @param tensors by name, in file order
 * @param metadata the header's {@code __metadata__}, possibly empty
 */
public record SafetensorsFile(Path path, Map<String, HostTensor> tensors, Map<String, String> metadata) {
    public SafetensorsFile {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        metadata = Map.copyOf(metadata);
    }

    /**
     * The tensor of that name.
     *
     * @throws CheckpointException if there is none
     */
    public HostTensor tensor(String name) {
        var tensor = tensors.get(name);
        if (tensor == null) {
            throw new CheckpointException("%s: tensor %s: missing".formatted(path, name));
        }
        return tensor;
    }
}
