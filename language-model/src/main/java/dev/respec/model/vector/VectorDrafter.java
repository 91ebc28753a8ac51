package dev.respec.model.vector;

import ai.djl.ndarray.NDManager;
import dev.respec.model.Features;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.eagle3.DrafterKernel;
import dev.respec.model.kernels.Torch;
import java.util.Arrays;

/** EAGLE-3's one layer on the processor's vectors; methods, shapes and meaning as in eagle3.py. */
public final class VectorDrafter implements DrafterKernel {
    /** Cache columns behind a slot's capacity for nodes of a tree. */
    private static final int TREE_NODES = 128;

    private static final boolean[][] CHAIN = {};

    private final Eagle3Config config;
    private final int hidden;
    private final int headWidth;
    private final int queryWidth;
    private final int features;
    private final Team team;
    private final Products products;
    private final NDManager manager;
    private final Rows fcRows;
    private final Rows joinedRows;
    private final Rows attended;
    private final Rows normed;
    private final Projection fc;
    private final Projection mixed;
    private final Projection output;
    private final FeedForward feedForward;
    private final Projection head;
    private final KeyValueCache cache;
    private final Rotation rotation;
    private final float[] last;
    private final Scratch scratch = new Scratch();
    private final EmbeddingTable embeddings;
    private final float[] embedded;
    private float[] inputNorm = new float[0];
    private float[] hiddenNorm = new float[0];
    private float[] norm = new float[0];
    private int[] targetIds = new int[0];
    private float[] g = new float[0];
    private float[] residual = new float[0];
    private float[] joined = new float[0];
    private float[] turned = new float[0];

    /** @param capacity rows a slot holds, drafts among them */
    public VectorDrafter(
            Eagle3Checkpoint checkpoint,
            HostTensor embeddingRows,
            int slots,
            int capacity,
            int threads,
            Arithmetic arithmetic) {
        config = checkpoint.config();
        hidden = config.hiddenSize();
        headWidth = config.headDimension();
        queryWidth = config.heads() * headWidth;
        features = 3 * config.targetHiddenSize();
        team = Team.of(threads);
        products = Products.of(team, arithmetic);
        fcRows = products.rows(features);
        joinedRows = products.rows(2 * hidden);
        attended = products.rows(queryWidth);
        normed = products.rows(hidden);
        manager = Torch.manager();
        fc = products.projection(hidden, fcRows);
        mixed = products.projection(queryWidth + 2 * config.keyValueHeads() * headWidth, joinedRows);
        output = products.projection(hidden, attended);
        feedForward = products.feedForward(normed, products.rows(config.intermediateSize()), config.rmsNormEpsilon());
        head = products.projection(config.draftVocabularySize(), normed);
        cache = products.cache(slots, config.keyValueHeads(), capacity + TREE_NODES, headWidth);
        rotation = new Rotation(config.rope(), headWidth, capacity + TREE_NODES);
        embeddings = new EmbeddingTable(config.vocabularySize(), hidden, products);
        embedded = new float[hidden];
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
    public void adopt(Eagle3Checkpoint checkpoint, HostTensor embeddingRows) {
        HostTensor[] w =
                checkpoint.parameterNames().stream().map(checkpoint::tensor).toArray(HostTensor[]::new);
        products.begin();
        fc.adopt(w[0]);
        mixed.adopt(w[1], w[2], w[3]);
        output.adopt(w[4]);
        feedForward.adopt(w[10].toFloats(), w[5], w[6], w[7]);
        head.adopt(w[12]);
        inputNorm = w[8].toFloats();
        hiddenNorm = w[9].toFloats();
        norm = w[11].toFloats();
        embeddings.adopt(embeddingRows, team);
        targetIds =
                Arrays.stream(checkpoint.targetIds()).mapToInt(id -> (int) id).toArray();
    }

    @Override
    public void copySlot(int source, int target, int length) {
        cache.copySlot(source, target, length);
        System.arraycopy(last, source * hidden, last, target * hidden, hidden);
    }

    @Override
    public void extend(Features given, int firstSlot, long[] numbers, int batch, int columns) {
        int rows = (numbers.length - batch) / 4;
        g = Scratch.atLeast(g, rows * fc.stride());
        reserve(rows);
        float[] values = given.values();
        team.each(rows, row -> fcRows.put(row, values, (int) numbers[row] * features));
        fc.apply(rows, g);
        for (int row = 0; row < rows; row++) {
            join(row, (int) numbers[3 * rows + row], g, row * fc.stride());
        }
        mix(rows);
        for (int row = 0; row < rows; row++) {
            place(row, (int) numbers[rows + row], (int) numbers[2 * rows + row], (int) numbers[2 * rows + row]);
        }
        // of the layer's output only that of each sequence's last row is of use
        int stride = mixed.stride();
        for (int b = 0; b < batch; b++) {
            int row = (int) numbers[4 * rows + b];
            System.arraycopy(turned, row * stride, turned, b * stride, stride);
            System.arraycopy(residual, row * hidden, residual, b * hidden, hidden);
        }
        KeyValueCache.Run[] runs = new KeyValueCache.Run[batch * config.keyValueHeads()];
        for (int b = 0; b < batch; b++) {
            long column = numbers[2 * rows + (int) numbers[4 * rows + b]];
            runs(runs, b, firstSlot + b, (int) column, b, CHAIN);
        }
        finish(runs, 0, 1, batch);
        System.arraycopy(residual, 0, last, firstSlot * hidden, batch * hidden);
    }

    private void reserve(int rows) {
        products.reserve(rows);
        residual = Scratch.atLeast(residual, rows * hidden);
        joined = Scratch.atLeast(joined, rows * 2 * hidden);
        turned = Scratch.atLeast(turned, rows * mixed.stride());
    }

    /** The layer's input of a row, normed embedding beside normed state; the state, or its norm, is the residual. */
    private void join(int row, int token, float[] state, int at) {
        int to = row * 2 * hidden;
        embeddings.read(token, embedded, 0);
        Lanes.rmsNorm(embedded, 0, inputNorm, config.rmsNormEpsilon(), joined, to);
        Lanes.rmsNorm(state, at, hiddenNorm, config.rmsNormEpsilon(), joined, to + hidden);
        if (config.normBeforeResidual()) {
            System.arraycopy(joined, to + hidden, residual, row * hidden, hidden);
        } else {
            System.arraycopy(state, at, residual, row * hidden, hidden);
        }
    }

    /** Queries, keys and values of joined rows. */
    private void mix(int rows) {
        team.each(rows, row -> joinedRows.put(row, joined, row * 2 * hidden));
        mixed.apply(rows, turned);
    }

    /** Rotates a row and stores its key and value. */
    private void place(int row, int slot, int column, int position) {
        int at = row * mixed.stride();
        int keys = at + queryWidth;
        rotation.turn(turned, at, config.heads(), position, (float) (1 / Math.sqrt(headWidth)));
        rotation.turn(turned, keys, config.keyValueHeads(), position, 1);
        cache.put(slot, column, turned, keys, keys + config.keyValueHeads() * headWidth);
    }

    /** One run a key head; its first token's queries are those of a row, its results go to the same row. */
    private void runs(KeyValueCache.Run[] runs, int sequence, int slot, int start, int row, boolean[][] seen) {
        int heads = config.keyValueHeads();
        int group = config.heads() / heads;
        for (int h = 0; h < heads; h++) {
            int of = h * group * headWidth;
            runs[sequence * heads + h] = new KeyValueCache.Run(
                    slot,
                    h,
                    start,
                    group,
                    row * mixed.stride() + of,
                    mixed.stride(),
                    row * queryWidth + of,
                    queryWidth,
                    seen);
        }
    }

    /** Attention of tokens from to before to of every run, then the rest of the layer on rows of the residual. */
    private void finish(KeyValueCache.Run[] runs, int from, int to, int rows) {
        int group = config.heads() / config.keyValueHeads();
        float[] results = scratch.attended(rows * queryWidth);
        team.run(runs.length, part -> cache.attend(runs[part], turned, from * group, to * group, results));
        team.each(rows, row -> attended.put(row, results, row * queryWidth));
        output.addTo(rows, residual);
        feedForward.apply(residual, rows);
    }

    /** Logits of rows of hidden states, [rows, head.stride()]. */
    private float[] logits(float[] states, int at, int rows) {
        products.reserve(rows);
        for (int row = 0; row < rows; row++) {
            normed.norm(row, states, at + row * hidden, norm, config.rmsNormEpsilon());
        }
        float[] logits = scratch.wide(rows * head.stride());
        head.apply(rows, logits);
        return logits;
    }

    @Override
    public Chain chain(int firstSlot, long[] lengths, int columns, int steps, double[] uniforms, double inverse) {
        int batch = lengths.length;
        int size = targetIds.length;
        boolean sampled = inverse > 0;
        int[] tokens = new int[batch * steps];
        float[] probabilities = new float[sampled ? batch * steps * size : 0];
        reserve(batch);
        float[] states = Arrays.copyOfRange(last, firstSlot * hidden, (firstSlot + batch) * hidden);
        KeyValueCache.Run[] runs = new KeyValueCache.Run[batch * config.keyValueHeads()];
        for (int s = 0; s < steps; s++) {
            if (s > 0) {
                for (int b = 0; b < batch; b++) {
                    join(b, tokens[b * steps + s - 1], states, b * hidden);
                }
                mix(batch);
                for (int b = 0; b < batch; b++) {
                    int column = (int) lengths[b] - 1 + s;
                    place(b, firstSlot + b, column, column);
                    runs(runs, b, firstSlot + b, column, b, CHAIN);
                }
                finish(runs, 0, 1, batch);
                System.arraycopy(residual, 0, states, 0, batch * hidden);
            }
            float[] logits = logits(states, 0, batch);
            for (int b = 0; b < batch; b++) {
                int from = b * head.stride();
                int at = b * steps + s;
                int chosen = sampled
                        ? sample(logits, from, inverse, uniforms[s * batch + b], probabilities, at * size)
                        : best(logits, from, size);
                tokens[at] = targetIds[chosen];
            }
        }
        return new Chain(tokens, sampled ? probabilities : null);
    }

    static int best(float[] logits, int from, int size) {
        int best = 0;
        for (int i = 1; i < size; i++) {
            best = logits[from + i] > logits[from + best] ? i : best;
        }
        return best;
    }

    /** Writes the softmax to q and draws from it by its inverse. */
    private int sample(float[] logits, int from, double inverse, double uniform, float[] q, int at) {
        int size = targetIds.length;
        double largest = logits[from + best(logits, from, size)];
        double total = 0;
        for (int i = 0; i < size; i++) {
            total += Math.exp((logits[from + i] - largest) * inverse);
        }
        double cumulative = 0;
        int chosen = -1;
        int likely = 0;
        for (int i = 0; i < size; i++) {
            double p = Math.exp((logits[from + i] - largest) * inverse) / total;
            q[at + i] = (float) p;
            cumulative += q[at + i];
            likely = q[at + i] > q[at + likely] ? i : likely;
            if (chosen < 0 && cumulative > uniform) {
                chosen = i;
            }
        }
        // rounding may leave the sum a little below the number drawn
        return chosen < 0 ? likely : chosen;
    }

    @Override
    public Tree tree(int firstSlot, long[] lengths, int columns, int branching, int passes, int total) {
        int batch = lengths.length;
        int nodes = branching * passes;
        if (nodes > TREE_NODES) {
            throw new IllegalArgumentException("a tree of %d passes of %d nodes needs %d cache columns, there are %d"
                    .formatted(passes, branching, nodes, TREE_NODES));
        }
        int candidates = branching * (1 + branching * passes);
        GrowingTree[] trees = new GrowingTree[batch];
        float[] logits = logits(last, firstSlot * hidden, batch);
        for (int b = 0; b < batch; b++) {
            trees[b] = new GrowingTree(targetIds.length, branching, nodes, candidates);
            trees[b].root(logits, b * head.stride());
        }
        float[] states = new float[batch * branching * hidden];
        for (int row = 0; row < batch * branching; row++) {
            System.arraycopy(last, (firstSlot + row / branching) * hidden, states, row * hidden, hidden);
        }
        KeyValueCache.Run[] runs = new KeyValueCache.Run[batch * config.keyValueHeads()];
        int rows = batch * branching;
        reserve(rows);
        for (int level = 0; level < passes; level++) {
            for (int row = 0; row < rows; row++) {
                join(row, targetIds[trees[row / branching].next(row % branching)], states, row * hidden);
            }
            mix(rows);
            for (int row = 0; row < rows; row++) {
                int b = row / branching;
                // the paper's code gives all nodes of a level one rotary position, and so do we
                int position = (int) lengths[b] + level;
                place(row, firstSlot + b, (int) lengths[b] + level * branching + row % branching, position);
            }
            int first = level * branching;
            for (int b = 0; b < batch; b++) {
                // the run begins with the tree's first node, this level's queries with its own first
                runs(runs, b, firstSlot + b, (int) lengths[b], b * branching - first, trees[b].sees());
            }
            finish(runs, first, first + branching, rows);
            float[] children = logits(residual, 0, rows);
            for (int b = 0; b < batch; b++) {
                int[] parents = trees[b].grow(level, children, b * branching * head.stride(), head.stride());
                for (int k = 0; k < branching; k++) {
                    int from = (b * branching + parents[k]) * hidden;
                    System.arraycopy(residual, from, states, (b * branching + k) * hidden, hidden);
                }
            }
        }
        Tree result = new Tree(
                new int[batch * total], new int[batch * total], new int[batch * total], new float[batch * total]);
        for (int b = 0; b < batch; b++) {
            trees[b].keepBest(total, targetIds, result, b * total);
        }
        return result;
    }

    @Override
    public NDManager manager() {
        return manager;
    }

    @Override
    public void close() {
        embeddings.close();
        products.close();
        manager.close();
    }
}
