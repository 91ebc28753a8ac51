package dev.respec.model.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The weight files of a model directory: one file, or shards under an index. Only safetensors are ever opened. */
final class WeightFiles {
    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";

    private WeightFiles() {}

    static Map<String, HostTensor> read(Path directory) {
        if (Files.exists(directory.resolve(SINGLE))) {
            return Safetensors.open(directory.resolve(SINGLE)).tensors();
        }
        if (Files.exists(directory.resolve(INDEX))) {
            return readShards(directory, directory.resolve(INDEX));
        }
        throw new CheckpointException(noWeights(directory));
    }

    private static Map<String, HostTensor> readShards(Path directory, Path index) {
        var weightMap = JsonFields.read(index).node("weight_map");
        if (!weightMap.isObject()) {
            throw new CheckpointException("%s: field weight_map: expected an object".formatted(index));
        }
        var shards = new LinkedHashMap<String, SafetensorsFile>();
        for (var entry : weightMap.properties()) {
            var shard = entry.getValue().asText();
            if (!shard.endsWith(".safetensors")
                    || !Path.of(shard).getFileName().toString().equals(shard)) {
                throw new CheckpointException("%s: field weight_map.%s: expected a *.safetensors file name, found %s"
                        .formatted(index, entry.getKey(), shard));
            }
            shards.computeIfAbsent(shard, name -> Safetensors.open(directory.resolve(name)));
        }
        return union(shards.values());
    }

    /**
     * What the shards hold, whatever the index says of each: exporters leave dropped tensors in the index and forget
     * buffers. A tensor that the architecture needs and no shard has is refused by {@link Checkpoint}.
     */
    private static Map<String, HostTensor> union(Iterable<SafetensorsFile> shards) {
        var tensors = new LinkedHashMap<String, HostTensor>();
        for (var shard : shards) {
            shard.tensors().forEach((name, tensor) -> {
                var other = tensors.putIfAbsent(name, tensor);
                if (other != null && !other.sameAs(tensor)) {
                    throw new CheckpointException(
                            "%s: tensor %s: another shard stores it with other values".formatted(shard.path(), name));
                }
            });
        }
        return tensors;
    }

    private static String noWeights(Path directory) {
        try (var files = Files.list(directory)) {
            var pickles = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".bin") || name.endsWith(".pt") || name.endsWith(".pth"))
                    .sorted()
                    .collect(Collectors.joining(", "));
            return pickles.isEmpty()
                    ? "%s: expected %s or %s, found neither".formatted(directory, SINGLE, INDEX)
                    : "%s: found only pickle files (%s), which can run code when loaded: convert them to safetensors"
                            .formatted(directory, pickles);
        } catch (IOException e) {
            throw new CheckpointException("%s: cannot be listed: %s".formatted(directory, Safetensors.describe(e)), e);
        }
    }
}
