package dev.respec.model.lora;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.model.checkpoint.ElementType;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A low-rank change of a checkpoint's linear weights: W + scale · B · A.
 *
 * @param products by the name of the weight in the checkpoint, such as {@code model.layers.0.mlp.up_proj.weight}
 */
public record LoraAdapter(LoraConfig config, Map<String, Product> products) {
    private static final String FILE = "adapter_model.safetensors";
    private static final String PREFIX = "base_model.model.";
    private static final String WEIGHT = ".weight";
    private static final String DOWN = ".lora_A.weight";
    private static final String UP = ".lora_B.weight";

    /**
     * The two factors.
     *
     * @param down A [rank, in]
     * @param up B [out, rank]
     */
    public record Product(HostTensor down, HostTensor up) {}

    public LoraAdapter {
        products = Collections.unmodifiableMap(new LinkedHashMap<>(products));
        products.forEach((name, product) -> {
            if (product.down().shape().length != 2
                    || product.up().shape().length != 2
                    || product.down().shape()[0] != config.rank()
                    || product.up().shape()[1] != config.rank()) {
                throw new CheckpointException("adapter: %s: expected factors of rank %d, found %s and %s"
                        .formatted(name, config.rank(), product.down(), product.up()));
            }
        });
    }

    /**
     * The policy that a folder of a weight update makes: a checkpoint as it is, or an adapter on its base.
     *
     * @throws CheckpointException naming the file that cannot be used, or the weight that the base does not have
     */
    public static Checkpoint policyIn(Path directory, Checkpoint base) {
        return isIn(directory) ? read(directory).mergeInto(base) : Checkpoint.read(directory);
    }

    /** Whether a folder holds an adapter. */
    public static boolean isIn(Path directory) {
        return Files.exists(directory.resolve(FILE));
    }

    /**
     * Reads adapter_config.json and adapter_model.safetensors.
     *
     * @throws CheckpointException naming the file and the field or tensor that is not supported
     */
    public static LoraAdapter read(Path directory) {
        LoraConfig config = LoraConfigJson.read(directory);
        Path file = directory.resolve(FILE);
        Map<String, HostTensor> tensors = Safetensors.open(file).tensors();
        Map<String, Product> products = new LinkedHashMap<>();
        for (String name : tensors.keySet()) {
            boolean isDown = name.endsWith(DOWN);
            if (!name.startsWith(PREFIX) || (!isDown && !name.endsWith(UP))) {
                throw new CheckpointException(
                        "%s: tensor %s: expected only %s…%s and …%s".formatted(file, name, PREFIX, DOWN, UP));
            }
            String module = name.substring(PREFIX.length(), name.length() - DOWN.length());
            HostTensor down = tensors.get(PREFIX + module + DOWN);
            HostTensor up = tensors.get(PREFIX + module + UP);
            if (down == null || up == null) {
                throw new CheckpointException("%s: tensor %s: its other factor is missing".formatted(file, name));
            }
            products.put(module + WEIGHT, new Product(down, up));
        }
        return new LoraAdapter(config, products);
    }

    /**
     * A fresh adapter: A uniform within ±1/√in as PEFT initialises, B zero, so that
     * it changes nothing yet.
     *
     * @param modules the linear weights that get one, such as {@code q_proj}; empty for every one but the head
     */
    public static LoraAdapter fresh(Checkpoint checkpoint, LoraConfig config, List<String> modules, long seed) {
        var random = new SplittableRandom(seed);
        Map<String, Product> products = new LinkedHashMap<>();
        checkpoint.tensors().forEach((name, weight) -> {
            boolean wanted = modules.isEmpty()
                    ? name.endsWith("_proj" + WEIGHT)
                    : modules.stream().anyMatch(module -> name.endsWith("." + module + WEIGHT));
            if (wanted) {
                int out = (int) weight.shape()[0];
                int in = (int) weight.shape()[1];
                var down = new float[config.rank() * in];
                for (int i = 0; i < down.length; i++) {
                    down[i] = (float) ((2 * random.nextDouble() - 1) / Math.sqrt(in));
                }
                products.put(
                        name,
                        new Product(
                                HostTensor.ofFloats(down, config.rank(), in),
                                HostTensor.ofFloats(new float[out * config.rank()], out, config.rank())));
            }
        });
        return new LoraAdapter(config, products);
    }

    /** Writes adapter_model.safetensors (float32), then adapter_config.json. */
    public void write(Path directory) {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        Set<String> modules = new LinkedHashSet<>();
        products.forEach((name, product) -> {
            String module = name.substring(0, name.length() - WEIGHT.length());
            modules.add(module.substring(module.lastIndexOf('.') + 1));
            tensors.put(PREFIX + module + DOWN, asFloats(product.down()));
            tensors.put(PREFIX + module + UP, asFloats(product.up()));
        });
        Safetensors.write(directory.resolve(FILE), tensors, Map.of("format", "pt"));
        LoraConfigJson.write(directory, config, modules);
    }

    private static HostTensor asFloats(HostTensor tensor) {
        return HostTensor.ofFloats(tensor.toFloats(), tensor.shape());
    }

    /**
     * The checkpoint with the adapter in its weights, float32 where it is changed. Changed weights are computed whenever
     * they are read and take no memory.
     *
     * @throws CheckpointException naming the weight that the checkpoint does not have or that has another shape
     */
    public Checkpoint mergeInto(Checkpoint checkpoint) {
        requireFits(checkpoint);
        Map<String, HostTensor> merged = new LinkedHashMap<>(checkpoint.tensors());
        products.forEach((name, product) -> {
            HostTensor weight = checkpoint.tensor(name);
            var sum = new MergedWeight(weight, product, config.scale());
            merged.put(name, new HostTensor(ElementType.FLOAT32, sum, weight.shape()));
        });
        return new Checkpoint(checkpoint.config(), merged, checkpoint.source());
    }

    /**
     * Checks that the adapter is one of this model.
     *
     * @throws CheckpointException naming the weight that the checkpoint does not have or that has another shape
     */
    public void requireFits(Checkpoint checkpoint) {
        products.forEach((name, product) -> {
            HostTensor weight = checkpoint.tensors().get(name);
            if (weight == null) {
                throw new CheckpointException("adapter: %s: the checkpoint has no such weight%s"
                        .formatted(name, name.startsWith("lm_head") ? " of its own (tied embeddings)" : ""));
            }
            long[] expected = {product.up().shape()[0], product.down().shape()[1]};
            if (!Arrays.equals(weight.shape(), expected)) {
                throw new CheckpointException("adapter: %s: made for a weight of %s, the checkpoint has %s"
                        .formatted(name, Arrays.toString(expected), weight));
            }
        });
    }

    /** Number of trained parameters. */
    public long parameters() {
        return products.values().stream()
                .mapToLong(product -> product.down().size() + product.up().size())
                .sum();
    }
}
