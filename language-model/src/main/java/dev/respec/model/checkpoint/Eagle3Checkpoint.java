package dev.respec.model.checkpoint;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * An EAGLE-3 drafter's architecture and weights, read from and written to directories in the public format.
 *
 * @param tensors by public name: the parameters, then optionally {@code embed_tokens.weight} [V, h], {@code d2t} [Vd]
 *     (target id = i + d2t[i]) and {@code t2d} [V]; the last two exactly where the draft vocabulary is not the target's
 * @param source the directory it was read from, or null
 */
public record Eagle3Checkpoint(
        Eagle3Config config,
        Map<String, HostTensor> tensors,
        @Nullable Path source) {
    public Eagle3Checkpoint {
        var remaining = new LinkedHashMap<>(tensors);
        var ordered = new LinkedHashMap<String, HostTensor>();
        Eagle3Layout.parameters(config)
                .forEach((name, shape) -> ordered.put(name, floating(source, name, remaining.remove(name), shape)));
        var embeddings = remaining.remove(Eagle3Layout.EMBEDDINGS);
        if (embeddings != null) {
            long[] shape = {config.vocabularySize(), config.hiddenSize()};
            ordered.put(Eagle3Layout.EMBEDDINGS, floating(source, Eagle3Layout.EMBEDDINGS, embeddings, shape));
        }
        var offsets = remaining.remove(Eagle3Layout.DRAFT_TO_TARGET);
        var drafted = remaining.remove(Eagle3Layout.TARGET_TO_DRAFT);
        if (offsets != null || config.draftVocabularySize() < config.vocabularySize()) {
            ordered.putAll(vocabulary(source, config, offsets, drafted));
        }
        for (var name : remaining.keySet()) {
            throw new CheckpointException("%s: tensor %s: not part of an EAGLE-3 drafter, found %s"
                    .formatted(place(source), name, remaining.get(name)));
        }
        tensors = Collections.unmodifiableMap(ordered);
    }

    /**
     * Reads config.json and model.safetensors (or shards), with the names of the public variants.
     *
     * @throws CheckpointException naming the file and the field or tensor
     */
    public static Eagle3Checkpoint read(Path directory) {
        var tensors = new LinkedHashMap<String, HostTensor>();
        WeightFiles.read(directory).forEach((stored, tensor) -> {
            var name = Eagle3Layout.publicName(stored);
            if (TensorLayout.isBuffer(name)) {
                return;
            }
            if (tensors.put(name, tensor) != null) {
                throw new CheckpointException(
                        "%s: tensor %s: stored twice, under two spellings of %s".formatted(directory, stored, name));
            }
        });
        var offsets = tensors.get(Eagle3Layout.DRAFT_TO_TARGET);
        var config = Eagle3ConfigJson.read(directory, offsets == null ? -1 : Math.toIntExact(offsets.size()));
        return new Eagle3Checkpoint(config, tensors, directory);
    }

    /**
     * Reads config.json alone, to learn whether a drafter fits before its weights are opened.
     *
     * @throws CheckpointException naming the file and the field
     */
    public static Eagle3Config readConfig(Path directory) {
        return Eagle3ConfigJson.read(directory, -1);
    }

    /**
     * A freshly initialised drafter without embeddings of its own: normal matrices of variance 1 / fan-in, a head of
     * deviation 0.02, unit norms.
     *
     * @param targetIds the draft vocabulary, ascending; as many as the configuration says
     */
    public static Eagle3Checkpoint random(Eagle3Config config, int[] targetIds, long seed) {
        var random = new SplittableRandom(seed);
        var tensors = new LinkedHashMap<String, HostTensor>();
        Eagle3Layout.parameters(config).forEach((name, shape) -> {
            var values = new float[Math.toIntExact(HostTensor.count(shape))];
            double deviation = name.equals("lm_head.weight") ? 0.02 : 1 / Math.sqrt((double) shape[shape.length - 1]);
            for (int i = 0; i < values.length; i++) {
                values[i] = shape.length == 1 ? 1f : (float) (random.nextGaussian() * deviation);
            }
            tensors.put(name, HostTensor.ofFloats(values, shape));
        });
        if (targetIds.length < config.vocabularySize()) {
            var offsets = new long[targetIds.length];
            Arrays.setAll(offsets, i -> targetIds[i] - i);
            tensors.put(Eagle3Layout.DRAFT_TO_TARGET, HostTensor.ofLongs(offsets, offsets.length));
        }
        return new Eagle3Checkpoint(config, tensors, null);
    }

    /**
     * A freshly initialised drafter; see {@link #random(Eagle3Config, int[], long)}.
     *
     * @param embeddings [V, h] to carry along, frozen
     */
    public static Eagle3Checkpoint random(Eagle3Config config, int[] targetIds, HostTensor embeddings, long seed) {
        return random(config, targetIds, seed).withEmbeddings(embeddings);
    }

    /** A tensor that is known to be there, such as a parameter. */
    public HostTensor tensor(String name) {
        var tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException(place(source) + ": no tensor " + name);
        }
        return tensor;
    }

    /** Names of the trained tensors, in the order kernels take them. */
    public List<String> parameterNames() {
        return new ArrayList<>(Eagle3Layout.parameters(config).keySet());
    }

    /** Number of trained parameters; embeddings carried along are not. */
    public long parameters() {
        return config.parameters();
    }

    /** Target id of each draft id, ascending. */
    public long[] targetIds() {
        return targetIds(config, tensors.get(Eagle3Layout.DRAFT_TO_TARGET));
    }

    /**
     * The embeddings to draft with: the drafter's own, or the target's where it has none.
     *
     * @throws CheckpointException if drafter and target do not belong together
     */
    public HostTensor embeddings(Checkpoint target) {
        requireFits(target.config());
        var own = tensors.get(Eagle3Layout.EMBEDDINGS);
        if (own != null) {
            return own;
        }
        var shared = target.tensors().get("model.embed_tokens.weight");
        if (shared == null || config.hiddenSize() != target.config().hiddenSize()) {
            throw new CheckpointException(
                    "%s: tensor %s: needed, because the target's embeddings have width %d and the drafter %d"
                            .formatted(
                                    place(source),
                                    Eagle3Layout.EMBEDDINGS,
                                    target.config().hiddenSize(),
                                    config.hiddenSize()));
        }
        return shared;
    }

    /**
     * Checks that a target goes with this drafter.
     *
     * @throws CheckpointException if features or tokens of such a target are not what this drafter reads
     */
    public void requireFits(ModelConfig target) {
        config.requireFits(target, place(source));
    }

    /** The same drafter with other parameter values. */
    public Eagle3Checkpoint withParameters(Map<String, HostTensor> parameters) {
        var replaced = new LinkedHashMap<>(tensors);
        parameters.forEach((name, tensor) -> {
            if (replaced.put(name, tensor) == null) {
                throw new IllegalArgumentException("no parameter " + name);
            }
        });
        return new Eagle3Checkpoint(config, replaced, source);
    }

    /** The same drafter carrying its own embeddings, so that it no longer follows the target's. */
    public Eagle3Checkpoint withEmbeddings(HostTensor embeddings) {
        var extended = new LinkedHashMap<>(tensors);
        extended.put(Eagle3Layout.EMBEDDINGS, embeddings);
        return new Eagle3Checkpoint(config, extended, source);
    }

    /** The same drafter without embeddings of its own, as an update of it travels: training does not change them. */
    public Eagle3Checkpoint withoutEmbeddings() {
        var trained = new LinkedHashMap<>(tensors);
        trained.remove(Eagle3Layout.EMBEDDINGS);
        return new Eagle3Checkpoint(config, trained, source);
    }

    /**
     * An update of a drafter with the embeddings that it was trained with: its own if it carries them, as those of earlier
     * versions do, or these.
     *
     * @param frozen embeddings of the drafter that the run began with
     */
    public Eagle3Checkpoint orEmbeddings(HostTensor frozen) {
        return tensors.containsKey(Eagle3Layout.EMBEDDINGS) ? this : withEmbeddings(frozen);
    }

    /** Writes the weights as float32; see {@link #write(Path, ElementType)}. */
    public void write(Path directory) {
        write(directory, ElementType.FLOAT32);
    }

    /**
     * Writes model.safetensors, then config.json, each atomically.
     *
     * @param stored element type of the weights, float32 or bfloat16
     */
    public void write(Path directory, ElementType stored) {
        Safetensors.write(
                directory.resolve("model.safetensors"), Checkpoint.storedAs(tensors, stored), Map.of("format", "pt"));
        Eagle3ConfigJson.write(directory, config, stored);
    }

    private static HostTensor floating(@Nullable Path source, String name, @Nullable HostTensor tensor, long[] shape) {
        if (tensor == null
                || !Arrays.equals(tensor.shape(), shape)
                || !tensor.type().isFloating()) {
            throw new CheckpointException("%s: tensor %s: expected floating-point %s, found %s"
                    .formatted(place(source), name, Arrays.toString(shape), tensor == null ? "nothing" : tensor));
        }
        return tensor;
    }

    private static Map<String, HostTensor> vocabulary(
            @Nullable Path source, Eagle3Config config, @Nullable HostTensor offsets, @Nullable HostTensor drafted) {
        if (offsets == null || offsets.size() != config.draftVocabularySize()) {
            throw new CheckpointException("%s: tensor d2t: expected %d target offsets, found %s"
                    .formatted(place(source), config.draftVocabularySize(), offsets == null ? "nothing" : offsets));
        }
        var marks = new boolean[config.vocabularySize()];
        for (long id : targetIds(config, offsets)) {
            if (id < 0 || id >= marks.length || marks[(int) id]) {
                throw new CheckpointException(
                        "%s: tensor d2t: expected different target ids below vocab_size %d, found %d"
                                .formatted(place(source), marks.length, id));
            }
            marks[(int) id] = true;
        }
        var derived = HostTensor.ofBooleans(marks, marks.length);
        if (drafted != null && !Arrays.equals(drafted.toLongs(), derived.toLongs())) {
            throw new CheckpointException(
                    "%s: tensor t2d: does not mark the tokens that d2t names".formatted(place(source)));
        }
        var vocabulary = new LinkedHashMap<String, HostTensor>();
        vocabulary.put(Eagle3Layout.DRAFT_TO_TARGET, offsets);
        vocabulary.put(Eagle3Layout.TARGET_TO_DRAFT, derived);
        return vocabulary;
    }

    private static long[] targetIds(Eagle3Config config, @Nullable HostTensor offsets) {
        var ids = offsets == null ? new long[config.draftVocabularySize()] : offsets.toLongs();
        for (int i = 0; i < ids.length; i++) {
            ids[i] += i;
        }
        return ids;
    }

    private static String place(@Nullable Path source) {
        return source == null ? "drafter" : source.toString();
    }
}
