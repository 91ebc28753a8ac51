package dev.respec.model.vector;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.eagle3.DrafterKernel;
import dev.respec.model.kernels.Torch;
import java.util.Arrays;
import java.util.List;

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
    private final ManyRows many;
    private final Projection fc;
    private final Projection mixed;
    private final Projection output;
    private final FeedForward feedForward;
    private final Projection head;
    private final KeyValueCache cache;
    private final Rotation rotation;
    private final float[] last;
    private final Scratch scratch = new Scratch();
    private float[] embedding = new float[0];
    private float[] inputNorm = new float[0];
    private float[] hiddenNorm = new float[0];
    private float[] norm = new float[0];
    private int[] targetIds = new int[0];
    private float[] given = new float[0];
    private float[] g = new float[0];
    private float[] residual = new float[0];
    private float[] joined = new float[0];
    private float[] turned = new float[0];

    /** @param capacity rows a slot holds, drafts among them */
    public VectorDrafter(Eagle3Checkpoint checkpoint, HostTensor embeddings, int slots, int capacity, int threads) {
        config = checkpoint.config();
        hidden = config.hiddenSize();
        headWidth = config.headDimension();
        queryWidth = config.heads() * headWidth;
        features = 3 * config.targetHiddenSize();
        team = Team.of(threads);
        many = new ManyRows(team);
        fc = new Projection(hidden, features, many);
        mixed = new Projection(queryWidth + 2 * config.keyValueHeads() * headWidth, 2 * hidden, many);
        output = new Projection(hidden, queryWidth, many);
        feedForward = new FeedForward(hidden, config.intermediateSize(), config.rmsNormEpsilon(), many);
        head = new Projection(config.draftVocabularySize(), hidden, many);
        cache = new KeyValueCache(slots, config.keyValueHeads(), capacity + TREE_NODES, headWidth);
        rotation = new Rotation(config.rope().inverseFrequencies(headWidth), capacity + TREE_NODES);
        last = new float[slots * hidden];
        if (threads > 1) {
            // helpers take the native library's place: its own threads would compete with them
            Torch.enterHelper();
        }
        adopt(checkpoint, embeddings);
    }

    /** Bytes of the Java heap that weights and caches take. */
    public static long heapBytes(Eagle3Config config, int slots, int capacity) {
        long column = KeyValueCache.floatsOfColumn(config.keyValueHeads(), config.headDimension());
        long cache = slots * (capacity + TREE_NODES) * column * Float.BYTES;
        long layer = (long) config.hiddenSize()
                * (3L * config.targetHiddenSize()
                        + 6L * (config.heads() + config.keyValueHeads()) * config.headDimension()
                        + 3L * config.intermediateSize()
                        + config.draftVocabularySize());
        return 2 * layer + cache + (long) config.vocabularySize() * config.hiddenSize() * Float.BYTES;
    }

    /** Whether inputs come in pairs everywhere; the module is there where {@link VectorDecoder} runs. */
    public static boolean suits(Eagle3Config config) {
        return config.hiddenSize() % 2 == 0 && config.targetHiddenSize() % 2 == 0 && config.intermediateSize() % 2 == 0;
    }

    @Override
    public void adopt(Eagle3Checkpoint checkpoint, HostTensor embeddings) {
        float[][] w = checkpoint.parameterNames().stream()
                .map(name -> checkpoint.tensor(name).toFloats())
                .toArray(float[][]::new);
        many.begin();
        try (NDManager scope = many.manager().newSubManager()) {
            fc.adopt(scope, w[0]);
            mixed.adopt(scope, w[1], w[2], w[3]);
            output.adopt(scope, w[4]);
            feedForward.adopt(scope, w[10], w[5], w[6], w[7]);
            head.adopt(scope, w[12]);
        }
        inputNorm = w[8];
        hiddenNorm = w[9];
        norm = w[11];
        embedding = embeddings.toFloats();
        targetIds =
                Arrays.stream(checkpoint.targetIds()).mapToInt(id -> (int) id).toArray();
    }

    @Override
    public void copySlot(int source, int target, int length) {
        cache.copySlot(source, target, length);
        System.arraycopy(last, source * hidden, last, target * hidden, hidden);
    }

    @Override
    public void extend(List<NDArray> arrays, int firstSlot, long[] numbers, int batch, int columns) {
        int rows = (numbers.length - batch) / 4;
        given = Scratch.atLeast(given, rows * features);
        g = Scratch.atLeast(g, rows * fc.stride());
        choose(arrays, numbers, rows);
        fc.apply(team, given, rows, g);
        reserve(rows);
        for (int row = 0; row < rows; row++) {
            join(row, (int) numbers[3 * rows + row], g, row * fc.stride());
        }
        mixed.apply(team, joined, rows, turned);
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

    /** Copies the feature vectors asked for, from arrays read as one list of rows. */
    private void choose(List<NDArray> arrays, long[] numbers, int rows) {
        int first = 0;
        for (NDArray array : arrays) {
            float[] values = array.toFloatArray();
            int count = values.length / features;
            for (int row = 0; row < rows; row++) {
                long at = numbers[row] - first;
                if (at >= 0 && at < count) {
                    System.arraycopy(values, (int) at * features, given, row * features, features);
                }
            }
            first += count;
        }
    }

    private void reserve(int rows) {
        residual = Scratch.atLeast(residual, rows * hidden);
        joined = Scratch.atLeast(joined, rows * 2 * hidden);
        turned = Scratch.atLeast(turned, rows * mixed.stride());
    }

    /** The layer's input of a row, normed embedding beside normed state; the state, or its norm, is the residual. */
    private void join(int row, int token, float[] state, int at) {
        int to = row * 2 * hidden;
        Lanes.rmsNorm(embedding, token * hidden, inputNorm, config.rmsNormEpsilon(), joined, to);
        Lanes.rmsNorm(state, at, hiddenNorm, config.rmsNormEpsilon(), joined, to + hidden);
        if (config.normBeforeResidual()) {
            System.arraycopy(joined, to + hidden, residual, row * hidden, hidden);
        } else {
            System.arraycopy(state, at, residual, row * hidden, hidden);
        }
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
        float[] attended = scratch.attended(rows * queryWidth);
        team.run(runs.length, part -> cache.attend(runs[part], turned, from * group, to * group, attended));
        float[] product = scratch.product(rows * output.stride());
        output.apply(team, attended, rows, product);
        feedForward.apply(team, scratch, residual, product, output.stride(), rows);
    }

    /** Logits of rows of hidden states, [rows, head.stride()]. */
    private float[] logits(float[] states, int at, int rows) {
        float[] normed = scratch.normed(rows * hidden);
        for (int row = 0; row < rows; row++) {
            Lanes.rmsNorm(states, at + row * hidden, norm, config.rmsNormEpsilon(), normed, row * hidden);
        }
        float[] logits = scratch.wide(rows * head.stride());
        head.apply(team, normed, rows, logits);
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
                mixed.apply(team, joined, batch, turned);
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

    private static int best(float[] logits, int from, int size) {
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
        Growing[] trees = new Growing[batch];
        float[] logits = logits(last, firstSlot * hidden, batch);
        for (int b = 0; b < batch; b++) {
            trees[b] = new Growing(branching, nodes, candidates);
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
                join(row, targetIds[trees[row / branching].index[row % branching]], states, row * hidden);
            }
            mixed.apply(team, joined, rows, turned);
            for (int row = 0; row < rows; row++) {
                int b = row / branching;
                // the paper's code gives all nodes of a level one rotary position, and so do we
                int position = (int) lengths[b] + level;
                place(row, firstSlot + b, (int) lengths[b] + level * branching + row % branching, position);
            }
            int first = level * branching;
            for (int b = 0; b < batch; b++) {
                // the run begins with the tree's first node, this level's queries with its own first
                runs(runs, b, firstSlot + b, (int) lengths[b], b * branching - first, trees[b].sees);
            }
            finish(runs, first, first + branching, rows);
            float[] children = logits(residual, 0, rows);
            for (int b = 0; b < batch; b++) {
                int[] parents = trees[b].grow(level, children, b * branching * head.stride());
                for (int k = 0; k < branching; k++) {
                    int from = (b * branching + parents[k]) * hidden;
                    System.arraycopy(residual, from, states, (b * branching + k) * hidden, hidden);
                }
            }
        }
        Tree result = new Tree(
                new int[batch * total], new int[batch * total], new int[batch * total], new float[batch * total]);
        for (int b = 0; b < batch; b++) {
            trees[b].keepBest(total, result, b * total);
        }
        return result;
    }

    /** One sequence's tree while it grows: all candidates so far and the nodes expanded last. */
    private final class Growing {
        private final int branching;
        private final float[] scores;
        private final int[] tokens;
        private final int[] parents;
        private final int[] depths;
        private final boolean[][] sees;
        private int count;
        private int[] index;
        private float[] frontier;
        private int[] places;

        Growing(int branching, int nodes, int candidates) {
            this.branching = branching;
            scores = new float[candidates];
            tokens = new int[candidates];
            parents = new int[candidates];
            depths = new int[candidates];
            sees = new boolean[nodes][nodes];
            index = new int[branching];
            frontier = new float[branching];
            places = new int[branching];
        }

        void root(float[] logits, int from) {
            float[] row = logProbabilities(logits, from);
            int[] best = top(row, branching);
            for (int k = 0; k < branching; k++) {
                add(row[best[k]], best[k], 0, 1);
                index[k] = best[k];
                frontier[k] = row[best[k]];
                places[k] = k;
                if (sees.length > 0) {
                    sees[k][k] = true;
                }
            }
        }

        /** Takes the children of the nodes of a level; returns which of them the next level's nodes continue. */
        int[] grow(int level, float[] logits, int from) {
            int placed = count;
            float[] cumulative = new float[branching * branching];
            int[] ids = new int[branching * branching];
            for (int k = 0; k < branching; k++) {
                float[] row = logProbabilities(logits, from + k * head.stride());
                int[] best = top(row, branching);
                for (int i = 0; i < branching; i++) {
                    cumulative[k * branching + i] = row[best[i]] + frontier[k];
                    ids[k * branching + i] = best[i];
                    add(row[best[i]] + frontier[k], best[i], places[k] + 1, level + 2);
                }
            }
            int[] best = top(cumulative, branching);
            int[] continued = new int[branching];
            int own = level * branching;
            for (int k = 0; k < branching; k++) {
                continued[k] = best[k] / branching;
                index[k] = ids[best[k]];
                frontier[k] = cumulative[best[k]];
                places[k] = placed + best[k];
                int node = own + branching + k;
                if (node < sees.length) {
                    System.arraycopy(sees[own + continued[k]], 0, sees[node], 0, node);
                    sees[node][node] = true;
                }
            }
            return continued;
        }

        private void add(float score, int token, int parent, int depth) {
            scores[count] = score;
            tokens[count] = token;
            parents[count] = parent;
            depths[count++] = depth;
        }

        private float[] logProbabilities(float[] logits, int from) {
            int size = targetIds.length;
            double largest = logits[from + best(logits, from, size)];
            double total = 0;
            for (int i = 0; i < size; i++) {
                total += Math.exp(logits[from + i] - largest);
            }
            double shift = largest + Math.log(total);
            float[] row = new float[size];
            for (int i = 0; i < size; i++) {
                row[i] = (float) (logits[from + i] - shift);
            }
            return row;
        }

        /** The root and the best candidates, in order of creation. */
        void keepBest(int total, Tree into, int at) {
            int[] kept = top(Arrays.copyOf(scores, count), total - 1);
            Arrays.sort(kept);
            int[] renumbered = new int[count + 1];
            for (int i = 0; i < kept.length; i++) {
                renumbered[kept[i] + 1] = i + 1;
            }
            into.tokens()[at] = -1;
            into.parents()[at] = -1;
            for (int i = 0; i < kept.length; i++) {
                into.tokens()[at + 1 + i] = targetIds[tokens[kept[i]]];
                into.parents()[at + 1 + i] = renumbered[parents[kept[i]]];
                into.depths()[at + 1 + i] = depths[kept[i]];
                into.logProbabilities()[at + 1 + i] = scores[kept[i]];
            }
        }
    }

    /** Places of the largest values, largest first; the first of equal ones. */
    private static int[] top(float[] values, int count) {
        int[] best = new int[count];
        int found = 0;
        for (int i = 0; i < values.length; i++) {
            if (found == count && (count == 0 || values[i] <= values[best[count - 1]])) {
                continue;
            }
            int at = found < count ? found++ : count - 1;
            for (; at > 0 && values[i] > values[best[at - 1]]; at--) {
                best[at] = best[at - 1];
            }
            best[at] = i;
        }
        return best;
    }

    @Override
    public NDManager manager() {
        return many.manager();
    }

    @Override
    public void close() {
        many.close();
    }
}
