package dev.respec.model.eagle3;

import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.DrafterKernel;
import dev.respec.model.decoding.Features;
import dev.respec.model.kernels.Torch;
import dev.respec.model.sampling.ChainLimit;
import dev.respec.model.sampling.DraftVocabulary;
import dev.respec.model.vector.Arithmetic;
import dev.respec.model.vector.VectorDecoder;
import dev.respec.model.vector.VectorDrafter;
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
    private final Eagle3Config config;
    private final DrafterKernel kernel;
    private final CacheRows rows;
    private DraftVocabulary vocabulary = DraftVocabulary.identity(0);

    private Eagle3Drafter(Eagle3Config config, DrafterKernel kernel, CacheRows rows) {
        this.config = config;
        this.kernel = kernel;
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
        return load(checkpoint, embeddings, computeType, slots, capacity, Arithmetic.FASTEST);
    }

    static Eagle3Drafter load(
            Eagle3Checkpoint checkpoint,
            HostTensor embeddings,
            ComputeType computeType,
            int slots,
            int capacity,
            Arithmetic arithmetic) {
        Torch.enterThread();
        Eagle3Config config = checkpoint.config();
        int columns = capacity + CacheRows.MARGIN;
        boolean vectors = Torch.device().isCpu()
                && computeType == ComputeType.BFLOAT16
                && VectorDecoder.available()
                && VectorDrafter.suits(config)
                && VectorDecoder.fitsHeap(VectorDrafter.heapBytes(config, slots, columns, arithmetic));
        DrafterKernel kernel = vectors
                ? new VectorDrafter(checkpoint, embeddings, slots, columns, Torch.threads(), arithmetic)
                : new ScriptedDrafter(checkpoint, embeddings, computeType, slots, columns);
        var drafter = new Eagle3Drafter(config, kernel, new CacheRows(slots, capacity));
        drafter.vocabulary = vocabulary(checkpoint);
        return drafter;
    }

    /** Replaces the weights between two steps; the cache stays, and its rows are renewed as sequences go on. */
    public void adopt(Eagle3Checkpoint checkpoint, HostTensor embeddings) {
        if (!checkpoint.config().equals(config)) {
            throw new IllegalArgumentException(
                    "the new weights belong to another drafter: expected " + config + ", got " + checkpoint.config());
        }
        kernel.adopt(checkpoint, embeddings);
        vocabulary = vocabulary(checkpoint);
    }

    private static DraftVocabulary vocabulary(Eagle3Checkpoint checkpoint) {
        int size = checkpoint.config().vocabularySize();
        int[] targetIds =
                Arrays.stream(checkpoint.targetIds()).mapToInt(id -> (int) id).toArray();
        boolean identity = Arrays.equals(targetIds, IntStream.range(0, size).toArray());
        return identity ? DraftVocabulary.identity(size) : DraftVocabulary.of(targetIds, size);
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
        kernel.truncateSlot(slot, length);
    }

    /** Copies a slot's cache to another; used to share a prompt and to close gaps. */
    public void copySlot(int source, int target) {
        if (source != target) {
            kernel.copySlot(source, target, rows.length(source));
            rows.copy(source, target);
        }
    }

    /** Manager to derive owners of features from. */
    public NDManager manager() {
        return kernel.manager();
    }

    /**
     * Extends the caches of neighbouring slots.
     *
     * @param features 3H wide; extensions name their first rows
     * @param extensions one per slot, from firstSlot on
     */
    public void extend(Features features, int firstSlot, List<Extension> extensions) {
        long[] numbers = rows.append(firstSlot, extensions);
        int batch = extensions.size();
        kernel.extend(features, firstSlot, numbers, batch, rows.columns(firstSlot, batch, 0));
    }

    /**
     * Extends, then drafts a chain, in one call: the step of the decoding loop. Other parameters as in the two methods.
     *
     * @param limit ends chains before they have all tokens, if the kernel knows how sure it is
     */
    public ChainDraft extendAndDraft(
            Features features,
            int firstSlot,
            List<Extension> extensions,
            int draftLength,
            double temperature,
            double[] uniforms,
            ChainLimit limit) {
        int batch = extensions.size();
        requireUniforms(batch, draftLength, temperature, uniforms);
        long[] numbers = rows.append(firstSlot, extensions);
        DrafterKernel.Chain chain = kernel.extendAndDraft(
                features,
                firstSlot,
                numbers,
                rows.lengths(firstSlot, batch),
                rows.columns(firstSlot, batch, draftLength - 1),
                new DrafterKernel.Draw(draftLength, uniforms, inverse(temperature), limit));
        return new ChainDraft(chain, draftLength, vocabulary);
    }

    /**
     * Drafts a chain for each of the slots extended last.
     *
     * @param temperature 0 drafts greedily
     * @param uniforms random numbers in [0, 1), [draftLength, B] row-major; not read when greedy
     */
    public ChainDraft draftChain(int firstSlot, int batch, int draftLength, double temperature, double[] uniforms) {
        requireUniforms(batch, draftLength, temperature, uniforms);
        DrafterKernel.Chain chain = kernel.chain(
                firstSlot,
                rows.lengths(firstSlot, batch),
                rows.columns(firstSlot, batch, draftLength - 1),
                new DrafterKernel.Draw(draftLength, uniforms, inverse(temperature), ChainLimit.NONE));
        return new ChainDraft(chain, draftLength, vocabulary);
    }

    private static double inverse(double temperature) {
        return temperature > 0 ? 1 / temperature : 0;
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
        DrafterKernel.Tree grown = kernel.tree(
                firstSlot,
                rows.lengths(firstSlot, batch),
                rows.columns(firstSlot, batch, 0),
                shape.branching(),
                shape.passes(),
                shape.totalTokens());
        List<TreeDraft> drafts = new ArrayList<>(batch);
        for (int b = 0; b < batch; b++) {
            int from = b * shape.totalTokens();
            int to = from + shape.totalTokens();
            grown.tokens()[from] = rootTokens[b];
            drafts.add(new TreeDraft(
                    Arrays.copyOfRange(grown.tokens(), from, to),
                    Arrays.copyOfRange(grown.parents(), from, to),
                    Arrays.copyOfRange(grown.depths(), from, to),
                    Arrays.copyOfRange(grown.logProbabilities(), from, to)));
        }
        return drafts;
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

    @Override
    public void close() {
        kernel.close();
    }
}
