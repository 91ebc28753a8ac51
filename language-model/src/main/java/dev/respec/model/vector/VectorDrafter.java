package dev.respec.model.vector;

import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.decoding.DrafterKernel;
import dev.respec.model.decoding.Features;
import dev.respec.model.kernels.Torch;
import java.util.Arrays;

/** Drafting with EAGLE-3 on the processor's vectors; methods, shapes and meaning as in eagle3.py. */
public final class VectorDrafter implements DrafterKernel {
    /** Cache columns behind a slot's capacity for nodes of a tree. */
    private static final int TREE_NODES = 128;

    private final int hidden;
    private final Team team;
    private final DrafterLayer layer;
    private final NDManager manager;
    private final float[] last;

    /** @param capacity rows a slot holds, drafts among them */
    public VectorDrafter(
            Eagle3Checkpoint checkpoint,
            HostTensor embeddingRows,
            int slots,
            int capacity,
            int threads,
            Arithmetic arithmetic) {
        Eagle3Config config = checkpoint.config();
        hidden = config.hiddenSize();
        team = Team.of(threads);
        layer = new DrafterLayer(config, slots, capacity + TREE_NODES, team, arithmetic);
        manager = Torch.manager();
        last = new float[slots * hidden];
        if (threads > 1) {
            // helpers take the native library's place: its own threads would compete with them
            Torch.enterHelper();
        }
        adopt(checkpoint, embeddingRows);
    }

    /** Bytes of the Java heap that weights and caches take; machine code has them elsewhere. */
    public static long heapBytes(Eagle3Config config, int slots, int capacity, Arithmetic arithmetic) {
        if (arithmetic.usesMachineCode()) {
            return 0;
        }
        long table = (long) config.vocabularySize() * config.hiddenSize() * Short.BYTES;
        long column = KeyValueCache.floatsOfColumn(config.keyValueHeads(), config.headDimension());
        long cache = slots * (capacity + TREE_NODES) * column * Float.BYTES;
        long layer = (long) config.hiddenSize()
                * (3L * config.targetHiddenSize()
                        + 6L * (config.heads() + config.keyValueHeads()) * config.headDimension()
                        + 3L * config.intermediateSize()
                        + config.draftVocabularySize());
        return 2 * layer + cache + table;
    }

    /** Whether inputs come in pairs everywhere; the module is there where {@link VectorDecoder} runs. */
    public static boolean suits(Eagle3Config config) {
        return config.hiddenSize() % 2 == 0 && config.targetHiddenSize() % 2 == 0 && config.intermediateSize() % 2 == 0;
    }

    @Override
    public void adopt(Eagle3Checkpoint checkpoint, HostTensor embeddings) {
        layer.adopt(checkpoint, embeddings);
    }

    @Override
    public void copySlot(int source, int target, int length) {
        layer.copySlot(source, target, length);
        System.arraycopy(last, source * hidden, last, target * hidden, hidden);
    }

    @Override
    public void truncateSlot(int slot, int length) {
        layer.truncateSlot(slot, length);
    }

    @Override
    public void extend(Features given, int firstSlot, long[] numbers, int batch, int columns) {
        int rows = (numbers.length - batch) / 4;
        layer.reserve(rows);
        layer.project(given.values(), rows, numbers);
        for (int row = 0; row < rows; row++) {
            layer.joinProjected(row, (int) numbers[3 * rows + row]);
        }
        layer.mix(rows);
        for (int row = 0; row < rows; row++) {
            int slot = (int) numbers[rows + row];
            int column = (int) numbers[2 * rows + row];
            layer.open(slot, column, column + 1);
            layer.place(row, slot, column, column);
        }
        KeyValueCache.Run[] runs = layer.newRuns(batch);
        for (int b = 0; b < batch; b++) {
            // of the layer's output only that of each sequence's last row is of use
            int row = (int) numbers[4 * rows + b];
            layer.moveRow(row, b);
            layer.runs(runs, b, firstSlot + b, (int) numbers[2 * rows + row], b, DrafterLayer.CHAIN);
        }
        layer.finish(runs, 0, 1, batch);
        System.arraycopy(layer.states(), 0, last, firstSlot * hidden, batch * hidden);
    }

    @Override
    public Chain chain(int firstSlot, long[] lengths, int columns, Draw draw) {
        int batch = lengths.length;
        var chains = new GrowingChains(layer.targetIds(), batch, draw);
        layer.reserve(batch);
        float[] states = Arrays.copyOfRange(last, firstSlot * hidden, (firstSlot + batch) * hidden);
        for (int position = 0; position < draw.steps(); position++) {
            int rows = chains.rows();
            if (position > 0) {
                KeyValueCache.Run[] runs = layer.newRuns(rows);
                for (int row = 0; row < rows; row++) {
                    layer.join(row, chains.newest(row), states, chains.stateRow(row) * hidden);
                }
                layer.mix(rows);
                for (int row = 0; row < rows; row++) {
                    int b = chains.sequence(row);
                    int column = (int) lengths[b] - 1 + position;
                    layer.open(firstSlot + b, column, column + 1);
                    layer.place(row, firstSlot + b, column, column);
                    layer.runs(runs, row, firstSlot + b, column, row, DrafterLayer.CHAIN);
                }
                layer.finish(runs, 0, 1, rows);
                System.arraycopy(layer.states(), 0, states, 0, rows * hidden);
            }
            if (!chains.grow(layer.logits(states, 0, rows), layer.logitsStride())) {
                break;
            }
        }
        return chains.result();
    }

    @Override
    public Tree tree(int firstSlot, long[] lengths, int columns, int branching, int passes, int total) {
        int batch = lengths.length;
        int nodes = branching * passes;
        if (nodes > TREE_NODES) {
            throw new IllegalArgumentException("a tree of %d passes of %d nodes needs %d cache columns, there are %d"
                    .formatted(passes, branching, nodes, TREE_NODES));
        }
        GrowingTree[] trees = roots(firstSlot, batch, branching, nodes);
        float[] states = new float[batch * branching * hidden];
        for (int row = 0; row < batch * branching; row++) {
            System.arraycopy(last, (firstSlot + row / branching) * hidden, states, row * hidden, hidden);
        }
        layer.reserve(batch * branching);
        for (int b = 0; b < batch; b++) {
            layer.open(firstSlot + b, (int) lengths[b], (int) lengths[b] + nodes);
        }
        for (int level = 0; level < passes; level++) {
            growLevel(trees, firstSlot, lengths, branching, level, states);
        }
        Tree result = new Tree(
                new int[batch * total], new int[batch * total], new int[batch * total], new float[batch * total]);
        for (int b = 0; b < batch; b++) {
            trees[b].keepBest(total, layer.targetIds(), result, b * total);
        }
        return result;
    }

    private GrowingTree[] roots(int firstSlot, int batch, int branching, int nodes) {
        GrowingTree[] trees = new GrowingTree[batch];
        float[] logits = layer.logits(last, firstSlot * hidden, batch);
        for (int b = 0; b < batch; b++) {
            trees[b] = new GrowingTree(layer.targetIds().length, branching, nodes, branching * (1 + nodes));
            trees[b].root(logits, b * layer.logitsStride());
        }
        return trees;
    }

    /** One pass over the nodes that each tree grows from; states become those of the next level's parents. */
    private void growLevel(
            GrowingTree[] trees, int firstSlot, long[] lengths, int branching, int level, float[] states) {
        int rows = trees.length * branching;
        for (int row = 0; row < rows; row++) {
            int token = layer.targetIds()[trees[row / branching].next(row % branching)];
            layer.join(row, token, states, row * hidden);
        }
        layer.mix(rows);
        for (int row = 0; row < rows; row++) {
            int b = row / branching;
            // the paper's code gives all nodes of a level one rotary position, and so do we
            int position = (int) lengths[b] + level;
            layer.place(row, firstSlot + b, (int) lengths[b] + level * branching + row % branching, position);
        }
        int first = level * branching;
        KeyValueCache.Run[] runs = layer.newRuns(trees.length);
        for (int b = 0; b < trees.length; b++) {
            // the run begins with the tree's first node, this level's queries with its own first
            layer.runs(runs, b, firstSlot + b, (int) lengths[b], b * branching - first, trees[b].sees());
        }
        layer.finish(runs, first, first + branching, rows);
        float[] grown = layer.states();
        float[] children = layer.logits(grown, 0, rows);
        int stride = layer.logitsStride();
        for (int b = 0; b < trees.length; b++) {
            int[] parents = trees[b].grow(level, children, b * branching * stride, stride);
            for (int k = 0; k < branching; k++) {
                int from = (b * branching + parents[k]) * hidden;
                System.arraycopy(grown, from, states, (b * branching + k) * hidden, hidden);
            }
        }
    }

    @Override
    public NDManager manager() {
        return manager;
    }

    @Override
    public void close() {
        layer.close();
        manager.close();
    }
}
