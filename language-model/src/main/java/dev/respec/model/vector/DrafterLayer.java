package dev.respec.model.vector;

import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.decoding.PageTable;
import java.util.Arrays;

/**
 * The one layer of an EAGLE-3 drafter with its embedding, head and cache, on rows of hidden states.
 *
 * <p>A pass joins each row's embedding with its state, mixes all rows to queries, keys and values, places each row in the
 * cache and finishes attention and feed-forward; its result is {@link #states}.
 */
final class DrafterLayer implements AutoCloseable {
    /** Tokens of a run that sees the columns before it and itself. */
    static final boolean[][] CHAIN = {};

    private final Eagle3Config config;
    private final int hidden;
    private final int headWidth;
    private final int queryWidth;
    private final int features;
    private final Team team;
    private final Products products;
    private final Rows fcRows;
    private final Rows joinedRows;
    private final Rows attended;
    private final Rows normed;
    private final Projection fc;
    private final Projection mixed;
    private final Projection output;
    private final FeedForward feedForward;
    private final Projection head;
    private final PageTable pages;
    private final KeyValueCache cache;
    private final Rotation rotation;
    private final Scratch scratch = new Scratch();
    private final EmbeddingTable embeddings;
    private final float[] embedded;
    private float[] inputNorm = new float[0];
    private float[] hiddenNorm = new float[0];
    private float[] norm = new float[0];
    private int[] targetIds = new int[0];
    private float[] projected = new float[0];
    private float[] residual = new float[0];
    private float[] joined = new float[0];
    private float[] turned = new float[0];

    /** @param columns of a slot's cache */
    DrafterLayer(Eagle3Config config, int slots, int columns, Team team, Arithmetic arithmetic) {
        this.config = config;
        this.team = team;
        hidden = config.hiddenSize();
        headWidth = config.headDimension();
        queryWidth = config.heads() * headWidth;
        features = 3 * config.targetHiddenSize();
        products = Products.of(team, arithmetic);
        fcRows = products.rows(features);
        joinedRows = products.rows(2 * hidden);
        attended = products.rows(queryWidth);
        normed = products.rows(hidden);
        fc = products.projection(hidden, fcRows);
        mixed = products.projection(queryWidth + 2 * config.keyValueHeads() * headWidth, joinedRows);
        output = products.projection(hidden, attended);
        feedForward = products.feedForward(normed, products.rows(config.intermediateSize()), config.rmsNormEpsilon());
        head = products.projection(config.draftVocabularySize(), normed);
        pages = PageTable.whole(slots, columns);
        cache = products.cache(pages, config.keyValueHeads(), headWidth);
        rotation = new Rotation(config.rope(), headWidth, columns);
        embeddings = new EmbeddingTable(config.vocabularySize(), hidden, products);
        embedded = new float[hidden];
    }

    void adopt(Eagle3Checkpoint checkpoint, HostTensor embeddingRows) {
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

    void reserve(int rows) {
        products.reserve(rows);
        residual = Scratch.atLeast(residual, rows * hidden);
        joined = Scratch.atLeast(joined, rows * 2 * hidden);
        turned = Scratch.atLeast(turned, rows * mixed.stride());
    }

    /**
     * Projects the target's features to hidden states.
     *
     * @param rows states wanted
     * @param sources by row: the row of the features
     */
    void project(float[] given, int rows, long[] sources) {
        products.reserve(rows);
        projected = Scratch.atLeast(projected, rows * fc.stride());
        team.each(rows, row -> fcRows.put(row, given, (int) sources[row] * features));
        fc.apply(rows, projected);
    }

    /** {@link #join} with a state that was projected. */
    void joinProjected(int row, int token) {
        join(row, token, projected, row * fc.stride());
    }

    /** Moves what a row has been mixed to and its residual to another row. */
    void moveRow(int from, int to) {
        int stride = mixed.stride();
        System.arraycopy(turned, from * stride, turned, to * stride, stride);
        System.arraycopy(residual, from * hidden, residual, to * hidden, hidden);
    }

    /** The layer's input of a row, normed embedding beside normed state; the state, or its norm, is the residual. */
    void join(int row, int token, float[] state, int at) {
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
    void mix(int rows) {
        team.each(rows, row -> joinedRows.put(row, joined, row * 2 * hidden));
        mixed.apply(rows, turned);
    }

    /** Rotates a row and stores its key and value. */
    void place(int row, int slot, int column, int position) {
        int at = row * mixed.stride();
        int keys = at + queryWidth;
        rotation.turn(turned, at, config.heads(), position, (float) (1 / Math.sqrt(headWidth)));
        rotation.turn(turned, keys, config.keyValueHeads(), position, 1);
        cache.put(slot, column, turned, keys, keys + config.keyValueHeads() * headWidth);
    }

    /** One run per key head; its first token's queries are those of a row, its results go to the same row. */
    void runs(KeyValueCache.Run[] runs, int sequence, int slot, int start, int row, boolean[][] seen) {
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
    void finish(KeyValueCache.Run[] runs, int from, int to, int rows) {
        int group = config.heads() / config.keyValueHeads();
        float[] results = scratch.attended(rows * queryWidth);
        team.run(runs.length, part -> cache.attend(runs[part], turned, from * group, to * group, results));
        team.each(rows, row -> attended.put(row, results, row * queryWidth));
        output.addTo(rows, residual);
        feedForward.apply(residual, rows);
    }

    /** Logits of rows of hidden states, [rows, head.stride()]. */
    float[] logits(float[] states, int at, int rows) {
        products.reserve(rows);
        for (int row = 0; row < rows; row++) {
            normed.norm(row, states, at + row * hidden, norm, config.rmsNormEpsilon());
        }
        float[] logits = scratch.wide(rows * head.stride());
        head.apply(rows, logits);
        return logits;
    }

    /** Hidden states that the last pass gave, [rows, hidden]; overwritten by the next. */
    float[] states() {
        return residual;
    }

    /** Target ids of the draft vocabulary. */
    int[] targetIds() {
        return targetIds;
    }

    /** Floats from one row of {@link #logits} to the next. */
    int logitsStride() {
        return head.stride();
    }

    /** Room for the runs of so many sequences. */
    KeyValueCache.Run[] newRuns(int sequences) {
        return new KeyValueCache.Run[sequences * config.keyValueHeads()];
    }

    /** Room for columns from (inclusive) to (exclusive), before the first of them is placed. */
    void open(int slot, int from, int to) {
        pages.open(slot, from, to, cache);
    }

    void copySlot(int source, int target, int length) {
        pages.share(source, target, length);
    }

    void truncateSlot(int slot, int length) {
        pages.truncate(slot, length);
    }

    @Override
    public void close() {
        embeddings.close();
        products.close();
    }
}
