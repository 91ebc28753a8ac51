package dev.respec.model.eagle3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.respec.model.ComputeType;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.kernels.Packing;
import dev.respec.model.kernels.ScriptedModule;
import dev.respec.model.kernels.Torch;
import dev.respec.model.sampling.DraftVocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Drafts with an EAGLE-3 checkpoint: weights and a key-value cache of fixed slots, the same slots as the target's.
 *
 * <p>Only accepted tokens count in the cache; what a chain writes behind them is overwritten by the next extension.
 * Owned by one thread.
 */
public final class Eagle3Drafter implements AutoCloseable {
    /** Elements of the embedding half of q, k and v that are worth tabulating by token: 32 MiB in float32. */
    private static final long TABLE_LIMIT = 8L << 20;

    private static final double[] GREEDY = new double[0];

    private final Eagle3Config config;
    private final ComputeType computeType;
    private final ScriptedModule module;
    private final CacheRows rows;
    private DraftVocabulary vocabulary = DraftVocabulary.identity(0);

    private Eagle3Drafter(Eagle3Config config, ComputeType computeType, ScriptedModule module, CacheRows rows) {
        this.config = config;
        this.computeType = computeType;
        this.module = module;
        this.rows = rows;
    }

    /**
     * Loads a drafter with an empty cache.
     *
     * @param embeddings [V, h], see {@link Eagle3Checkpoint#embeddings}
     * @param capacity tokens a slot holds
     */
    public static Eagle3Drafter load(
            Eagle3Checkpoint checkpoint, HostTensor embeddings, ComputeType computeType, int slots, int capacity) {
        Torch.enterThread();
        var module = ScriptedModule.load(Eagle3Drafter.class, "eagle3");
        var drafter = new Eagle3Drafter(checkpoint.config(), computeType, module, new CacheRows(slots, capacity));
        drafter.adopt(checkpoint, embeddings);
        module.tell("allocate", slots, capacity + CacheRows.MARGIN);
        return drafter;
    }

    /** Replaces the weights between two steps; the cache stays, and its rows are renewed as sequences go on. */
    public void adopt(Eagle3Checkpoint checkpoint, HostTensor embeddings) {
        if (!checkpoint.config().equals(config)) {
            throw new IllegalArgumentException(
                    "the new weights belong to another drafter: expected " + config + ", got " + checkpoint.config());
        }
        try (NDManager scope = module.manager().newSubManager()) {
            var weights = new ArrayList<>(Eagle3Weights.parameters(checkpoint, scope));
            weights.addAll(Eagle3Weights.fixed(checkpoint, embeddings, scope));
            int[] targetIds = narrowed(checkpoint.targetIds());
            boolean identity = Arrays.equals(
                    targetIds, IntStream.range(0, config.vocabularySize()).toArray());
            vocabulary = identity
                    ? DraftVocabulary.identity(targetIds.length)
                    : DraftVocabulary.of(targetIds, config.vocabularySize());
            boolean half = computeType == ComputeType.BFLOAT16;
            Packing packing = half ? Packing.bfloat16() : Packing.float32();
            long[] sizes = {
                config.heads(),
                config.keyValueHeads(),
                config.headDimension(),
                config.normBeforeResidual() ? 1 : 0,
                identity ? 1 : 0,
                half ? 1 : 0,
                packing.packs() ? 1 : 0,
                packing.copies() ? 1 : 0
            };
            module.tell("load", weights, sizes, config.rmsNormEpsilon(), TABLE_LIMIT);
        }
    }

    public Eagle3Config config() {
        return config;
    }

    public DraftVocabulary vocabulary() {
        return vocabulary;
    }

    /** Rows in a slot's cache: tokens whose features and next token it has seen. */
    public int length(int slot) {
        return rows.length(slot);
    }

    /** Empties a slot, or cuts it back, so that it extends from there. */
    public void truncate(int slot, int length) {
        rows.truncate(slot, length);
    }

    /** Copies a slot's cache to another; used to share a prompt and to close gaps. */
    public void copySlot(int source, int target) {
        if (source != target) {
            module.tell("copy_slot", source, target, rows.length(source));
            rows.copy(source, target);
        }
    }

    /** Manager to derive owners of features from. */
    public NDManager manager() {
        return module.manager();
    }

    /**
     * Extends the caches of neighbouring slots.
     *
     * @param features arrays of float features whose last dimension is 3H, read as one list of rows
     * @param extensions one a slot, from firstSlot on
     */
    public void extend(List<NDArray> features, int firstSlot, List<Extension> extensions) {
        long[] numbers = rows.append(firstSlot, extensions);
        int batch = extensions.size();
        module.tell(
                "extend",
                features,
                firstSlot,
                numbers,
                batch,
                CacheRows.rows(numbers, batch),
                rows.columns(firstSlot, batch, 0));
    }

    /** Extends, then drafts a chain, in one call: the step of the decoding loop. Parameters as in the two methods. */
    public ChainDraft extendAndDraft(
            List<NDArray> features,
            int firstSlot,
            List<Extension> extensions,
            int draftLength,
            double temperature,
            double[] uniforms) {
        int batch = extensions.size();
        requireUniforms(batch, draftLength, temperature, uniforms);
        long[] numbers = rows.append(firstSlot, extensions);
        try (NDManager scope = module.manager().newSubManager()) {
            return chain(
                    draftLength,
                    module.call(
                            scope,
                            "extend_and_draft",
                            features,
                            firstSlot,
                            numbers,
                            batch,
                            CacheRows.rows(numbers, batch),
                            rows.columns(firstSlot, batch, draftLength - 1),
                            draftLength,
                            temperature > 0 ? uniforms : GREEDY,
                            temperature > 0 ? 1 / temperature : 0.0));
        }
    }

    /**
     * Drafts a chain for each of the slots extended last.
     *
     * @param temperature 0 drafts greedily
     * @param uniforms random numbers in [0, 1), [draftLength, B] row-major; not read when greedy
     */
    public ChainDraft draftChain(int firstSlot, int batch, int draftLength, double temperature, double[] uniforms) {
        requireUniforms(batch, draftLength, temperature, uniforms);
        try (NDManager scope = module.manager().newSubManager()) {
            return chain(
                    draftLength,
                    module.call(
                            scope,
                            "draft",
                            firstSlot,
                            rows.lengths(firstSlot, batch),
                            rows.columns(firstSlot, batch, draftLength - 1),
                            draftLength,
                            temperature > 0 ? uniforms : GREEDY,
                            temperature > 0 ? 1 / temperature : 0.0));
        }
    }

    /**
     * Drafts a tree for each of the slots extended last, greedily: the same tree whatever is sampled.
     *
     * @param rootTokens the newest token of each sequence, the one the target has not seen yet
     */
    public List<TreeDraft> draftTrees(int firstSlot, int[] rootTokens, TreeShape shape) {
        int batch = rootTokens.length;
        if (shape.branching() > vocabulary.size() || shape.passes() > CacheRows.MARGIN) {
            throw new IllegalArgumentException(shape + " exceeds the draft vocabulary of " + vocabulary.size()
                    + " tokens or a depth of " + CacheRows.MARGIN);
        }
        try (NDManager scope = module.manager().newSubManager()) {
            NDList result = module.call(
                    scope,
                    "tree",
                    firstSlot,
                    rows.lengths(firstSlot, batch),
                    rows.columns(firstSlot, batch, 0),
                    shape.branching(),
                    shape.passes(),
                    shape.totalTokens());
            int[] tokens = ints(result.get(0));
            int[] parents = ints(result.get(1));
            int[] depths = ints(result.get(2));
            float[] logProbabilities = result.get(3).toFloatArray();
            List<TreeDraft> drafts = new ArrayList<>(batch);
            for (int b = 0; b < batch; b++) {
                int from = b * shape.totalTokens();
                int to = from + shape.totalTokens();
                tokens[from] = rootTokens[b];
                drafts.add(new TreeDraft(
                        Arrays.copyOfRange(tokens, from, to),
                        Arrays.copyOfRange(parents, from, to),
                        Arrays.copyOfRange(depths, from, to),
                        Arrays.copyOfRange(logProbabilities, from, to)));
            }
            return drafts;
        }
    }

    private ChainDraft chain(int draftLength, NDList result) {
        float[] probabilities = result.size() > 1 ? result.get(1).toFloatArray() : null;
        return new ChainDraft(ints(result.get(0)), draftLength, probabilities, vocabulary);
    }

    private static void requireUniforms(int batch, int draftLength, double temperature, double[] uniforms) {
        if (draftLength < 1 || draftLength > CacheRows.MARGIN) {
            throw new IllegalArgumentException(
                    "draft length must lie in 1.." + CacheRows.MARGIN + ", got " + draftLength);
        }
        if (temperature > 0 && uniforms.length != batch * draftLength) {
            throw new IllegalArgumentException(
                    "sampling needs " + batch * draftLength + " random numbers, got " + uniforms.length);
        }
    }

    private static int[] ints(NDArray array) {
        return narrowed(array.toLongArray());
    }

    private static int[] narrowed(long[] values) {
        int[] narrowed = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            narrowed[i] = (int) values[i];
        }
        return narrowed;
    }

    @Override
    public void close() {
        module.close();
    }
}
