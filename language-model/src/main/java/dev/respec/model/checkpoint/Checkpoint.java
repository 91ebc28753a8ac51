package dev.respec.model.checkpoint;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A model's architecture and weights, read from and written to Hugging Face directories.
 *
 * @param tensors exactly the tensors of the architecture, by name, in the order embedding, layers, norm, head
 * @param source the directory it was read from, whose companion files {@link #write} copies, or null
 */
public record Checkpoint(
        ModelConfig config,
        Map<String, HostTensor> tensors,
        @Nullable Path source) {
    public Checkpoint {
        var ordered = new LinkedHashMap<String, HostTensor>();
        for (var expected : TensorLayout.shapes(config).entrySet()) {
            var name = expected.getKey();
            var tensor = tensors.get(name);
            if (tensor == null) {
                throw new CheckpointException("%s: tensor %s: expected %s, found nothing"
                        .formatted(place(source), name, Arrays.toString(expected.getValue())));
            }
            if (!Arrays.equals(expected.getValue(), tensor.shape())
                    || !tensor.type().isFloating()) {
                throw new CheckpointException("%s: tensor %s: expected floating-point %s, found %s"
                        .formatted(place(source), name, Arrays.toString(expected.getValue()), tensor));
            }
            ordered.put(name, tensor);
        }
        for (var name : tensors.keySet()) {
            if (!ordered.containsKey(name)) {
                throw new CheckpointException("%s: tensor %s: not part of this %s model, found %s"
                        .formatted(place(source), name, config.family().modelType(), tensors.get(name)));
            }
        }
        tensors = Collections.unmodifiableMap(ordered);
    }

    public Checkpoint(ModelConfig config, Map<String, HostTensor> tensors) {
        this(config, tensors, null);
    }

    /**
     * The tensor of that name.
     *
     * @throws CheckpointException if the architecture has none
     */
    public HostTensor tensor(String name) {
        var tensor = tensors.get(name);
        if (tensor == null) {
            throw new CheckpointException("%s: tensor %s: not part of this %s model"
                    .formatted(place(source), name, config.family().modelType()));
        }
        return tensor;
    }

    /**
     * Reads config.json and the weights: model.safetensors, or the shards that model.safetensors.index.json names. The
     * weights stay mapped in their stored element type. A checkpoint that says it is tied and stores a head of its own
     * is read as untied.
     *
     * @throws CheckpointException naming the file and the field or tensor
     */
    public static Checkpoint read(Path directory) {
        var config = ModelConfig.read(directory);
        var tensors = new LinkedHashMap<String, HostTensor>();
        WeightFiles.read(directory).forEach((stored, tensor) -> {
            var name = TensorLayout.publicName(stored);
            if (!TensorLayout.isBuffer(name) && tensors.put(name, tensor) != null) {
                throw new CheckpointException(
                        "%s: tensor %s: stored twice, under two spellings".formatted(directory, name));
            }
        });
        return new Checkpoint(config.tiedEmbeddings() ? resolveTie(config, tensors) : config, tensors, directory);
    }

    /**
     * Settles what a tied checkpoint's head is, as transformers does: a stored head that differs from the embedding is the
     * model's own, and one without an embedding is both.
     */
    private static ModelConfig resolveTie(ModelConfig config, Map<String, HostTensor> tensors) {
        var head = tensors.get(TensorLayout.HEAD);
        if (head == null) {
            return config;
        }
        var embedding = tensors.putIfAbsent(TensorLayout.EMBEDDING, head);
        if (embedding != null && !head.sameAs(embedding)) {
            return config.withOwnHead();
        }
        tensors.remove(TensorLayout.HEAD);
        return config;
    }

    /**
     * A freshly initialised model: normal weights of standard deviation 0.02, zero biases, unit norms, as transformers
     * initialises.
     */
    public static Checkpoint random(ModelConfig config, long seed) {
        return random(config, seed, 0.02, 1.0);
    }

    /**
     * A freshly initialised model.
     *
     * @param deviation standard deviation of embeddings and linear weights
     * @param residualScale factor on the deviation of the two projections that write to the residual stream; GPT-2 uses
     *     1 / sqrt(2 · layers)
     */
    public static Checkpoint random(ModelConfig config, long seed, double deviation, double residualScale) {
        var random = new SplittableRandom(seed);
        var tensors = new LinkedHashMap<String, HostTensor>();
        TensorLayout.shapes(config).forEach((name, shape) -> {
            boolean residual = name.endsWith("o_proj.weight") || name.endsWith("down_proj.weight");
            var values = new float[Math.toIntExact(HostTensor.count(shape))];
            if (name.endsWith("norm.weight")) {
                Arrays.fill(values, 1f);
            } else if (!name.endsWith(".bias")) {
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) (random.nextGaussian() * deviation * (residual ? residualScale : 1));
                }
            }
            tensors.put(name, HostTensor.ofFloats(values, shape));
        });
        return new Checkpoint(config, tensors);
    }

    /** The same weights; what goes along with them when they are written, such as the tokenizer, comes from that folder. */
    public Checkpoint withSource(Path folder) {
        return new Checkpoint(config, tensors, folder);
    }

    /** Writes the weights as float32; see {@link #write(Path, ElementType)}. */
    public void write(Path directory) {
        write(directory, ElementType.FLOAT32);
    }

    /**
     * Writes config.json and model.safetensors, each atomically, and copies what else the source
     * carries: tokenizer, chat templates, sampling defaults, licence. The
     * configuration comes last: a directory with a config.json that was not there before is complete.
     *
     * @param stored element type of the weights, float32 or bfloat16
     */
    public void write(Path directory, ElementType stored) {
        Safetensors.write(directory.resolve("model.safetensors"), storedAs(tensors, stored), Map.of("format", "pt"));
        if (source != null) {
            CompanionFiles.copy(source, directory);
        }
        ConfigJson.write(directory, config, stored);
    }

    /** The element type of the weights: bfloat16 if the largest tensor is stored so, float32 otherwise. */
    public ElementType storedType() {
        return tensor(TensorLayout.EMBEDDING).type() == ElementType.BFLOAT16
                ? ElementType.BFLOAT16
                : ElementType.FLOAT32;
    }

    /** The same tensors, the floating-point ones in another element type. */
    static Map<String, HostTensor> storedAs(Map<String, HostTensor> tensors, ElementType stored) {
        var converted = new LinkedHashMap<>(tensors);
        converted.replaceAll(
                (name, tensor) -> tensor.type() == stored || !tensor.type().isFloating() ? tensor : tensor.as(stored));
        return converted;
    }

    private static String place(@Nullable Path source) {
        return source == null ? "checkpoint" : source.toString();
    }
}
