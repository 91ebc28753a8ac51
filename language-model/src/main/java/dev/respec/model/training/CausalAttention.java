package dev.respec.model.training;

import dev.respec.model.machine.CallList;
import dev.respec.model.machine.CausalSoftmaxKernel;
import dev.respec.model.machine.CausalSoftmaxKernel.Block;
import dev.respec.model.machine.ProductKernel;
import dev.respec.model.machine.ProductKernel.Panels;
import dev.respec.model.machine.ProductKernel.Size;
import dev.respec.model.machine.ProductKernel.Strides;
import dev.respec.model.machine.TransposeKernel;
import dev.respec.model.training.LayerMemory.Room;
import org.jspecify.annotations.Nullable;

/**
 * Causal attention of one segment after the other and its gradient. Queries go in blocks of rows, each with the columns
 * that its last row sees, so that little of what is masked is computed.
 */
final class CausalAttention {
    private static final int FLOAT = Float.BYTES;
    private static final int VECTOR = 16;
    private static final int BLOCK_ROWS = 48;
    /** Rows of scores are an odd number of cache lines apart, which spreads columns over the cache. */
    private static final int ROW_STEP = 128;

    private final LayerShape shape;
    private final int scoreRow;
    private final CausalSoftmaxKernel softmax;
    private final TransposeKernel transpose;
    private final ProductKernel scores;
    private final ProductKernel ofScores;
    private final ProductKernel mix;
    private final ProductKernel mixMore;
    private final ProductKernel ofQueries;
    private final ProductKernel ofQueriesMore;
    private final ProductKernel ofKeys;
    private final ProductKernel ofKeysMore;
    private final ProductKernel ofValues;
    private final ProductKernel ofValuesMore;

    /** @param scoreRow bytes from one row of scores to the next, of {@link #scoreRow} */
    CausalAttention(LayerShape shape, int scoreRow) {
        this.shape = shape;
        this.scoreRow = scoreRow;
        int mixed = shape.mixed() * FLOAT;
        int queries = shape.queries() * FLOAT;
        softmax = new CausalSoftmaxKernel(scoreRow, (float) (1 / Math.sqrt(shape.dimension())));
        transpose = new TransposeKernel(mixed, scoreRow);
        scores = new ProductKernel(new Strides(mixed, FLOAT, scoreRow, scoreRow, ProductKernel.FROM_ZERO));
        ofScores = new ProductKernel(new Strides(queries, FLOAT, scoreRow, scoreRow, ProductKernel.FROM_ZERO));
        mix = new ProductKernel(new Strides(scoreRow, FLOAT, mixed, queries, ProductKernel.FROM_ZERO));
        mixMore = new ProductKernel(new Strides(scoreRow, FLOAT, mixed, queries, queries));
        ofQueriesMore = new ProductKernel(new Strides(scoreRow, FLOAT, mixed, mixed, mixed));
        ofQueries = new ProductKernel(new Strides(scoreRow, FLOAT, mixed, mixed, ProductKernel.FROM_ZERO));
        ofKeys = new ProductKernel(new Strides(FLOAT, scoreRow, mixed, mixed, ProductKernel.FROM_ZERO));
        ofKeysMore = new ProductKernel(new Strides(FLOAT, scoreRow, mixed, mixed, mixed));
        ofValues = new ProductKernel(new Strides(FLOAT, scoreRow, queries, mixed, ProductKernel.FROM_ZERO));
        ofValuesMore = new ProductKernel(new Strides(FLOAT, scoreRow, queries, mixed, mixed));
    }

    /** Bytes of a row of scores for sequences of a length: few different ones, since kernels are made for each. */
    static int scoreRow(int width) {
        return ((width + ROW_STEP - 1) / ROW_STEP * ROW_STEP + VECTOR) * FLOAT;
    }

    /** Addresses of a layer's rows; of softmax, those of the first head, and bytes from one head to the next. */
    record Rows(long mixed, long attended, long softmax, long softmaxHead) {}

    /** Attends from the segment's rows to them and to those before. */
    void forward(CallList calls, Room room, Rows rows, Segment segment) {
        int prefix = segment.prefixRows();
        for (int keyHead = 0; keyHead < shape.keyValueHeads(); keyHead++) {
            transpose(calls, rows.mixed + keys(keyHead), segment, room.keys());
            long values = rows.mixed + values(keyHead);
            for (int head = keyHead * shape.group(); head < (keyHead + 1) * shape.group(); head++) {
                for (int from = 0; from < segment.rows(); from += BLOCK_ROWS) {
                    int upto = Math.min(from + BLOCK_ROWS, segment.rows());
                    Block block = block(rows, segment, head, from, room.scores());
                    score(calls, room, rows, segment, head, block);
                    softmax.forward(calls, block);
                    long result = rows.attended + row(shape.queries(), segment.first() + from) + head(head);
                    Weighted weighted = new Weighted(block.scores(), block.rows(), upto, values, result);
                    weigh(calls, segment, prefix == 0 ? null : mix, prefix == 0 ? mix : mixMore, weighted);
                }
            }
        }
    }

    /** Sums of rows [prefix and own], weighted by scores, into a result. */
    private record Weighted(long scores, int rows, int upto, long of, long result) {}

    private void weigh(
            CallList calls, Segment segment, @Nullable ProductKernel ofPrefix, ProductKernel ofOwn, Weighted weighted) {
        int dimension = shape.dimension();
        if (ofPrefix != null) {
            Panels panels = Panels.of(weighted.of + row(shape.mixed(), segment.prefix()));
            Size size = new Size(weighted.rows, dimension, segment.prefixRows());
            ofPrefix.multiply(calls, size, weighted.scores, panels, weighted.result, 0);
        }
        Panels panels = Panels.of(weighted.of + row(shape.mixed(), segment.first()));
        Size size = new Size(weighted.rows, dimension, weighted.upto);
        long scores = weighted.scores + (long) segment.prefixRows() * FLOAT;
        ofOwn.multiply(calls, size, scores, panels, weighted.result, weighted.result);
    }

    /**
     * The gradients of the segment's queries, keys and values, which are written, and of the keys and values of the rows
     * before, which are added to.
     *
     * @param ofRows addresses of the gradients of mixed and attended rows
     */
    void backward(CallList calls, Room room, Rows rows, Segment segment, Rows ofRows) {
        int prefix = segment.prefixRows();
        for (int keyHead = 0; keyHead < shape.keyValueHeads(); keyHead++) {
            long keys = rows.mixed + keys(keyHead);
            transpose(calls, keys, segment, room.keys());
            transpose(calls, rows.mixed + values(keyHead), segment, room.values());
            for (int inGroup = 0; inGroup < shape.group(); inGroup++) {
                int head = keyHead * shape.group() + inGroup;
                for (int from = 0; from < segment.rows(); from += BLOCK_ROWS) {
                    int upto = Math.min(from + BLOCK_ROWS, segment.rows());
                    long below = (long) from * scoreRow;
                    Block block = block(rows, segment, head, from, room.scores() + below);
                    score(calls, room, rows, segment, head, block);
                    long ofBlock = room.ofScores() + below;
                    Size size = new Size(block.rows(), block.columns(), shape.dimension());
                    int first = segment.first() + from;
                    long ofResult = ofRows.attended + row(shape.queries(), first) + head(head);
                    ofScores.multiply(calls, size, ofResult, Panels.of(room.values()), ofBlock, 0);
                    softmax.backward(calls, block, ofBlock);
                    long ofQuery = ofRows.mixed + row(shape.mixed(), first) + head(head);
                    Weighted weighted = new Weighted(ofBlock, block.rows(), upto, keys, ofQuery);
                    weigh(
                            calls,
                            segment,
                            prefix == 0 ? null : ofQueries,
                            prefix == 0 ? ofQueries : ofQueriesMore,
                            weighted);
                }
                shared(calls, room, rows, segment, head, ofRows);
            }
        }
    }

    /** Adds a query head's share of the gradients of its key head. */
    private void shared(CallList calls, Room room, Rows rows, Segment segment, int head, Rows ofRows) {
        boolean begins = head % shape.group() == 0;
        ProductKernel key = begins ? ofKeys : ofKeysMore;
        ProductKernel value = begins ? ofValues : ofValuesMore;
        for (int from = 0; from < segment.rows(); from += BLOCK_ROWS) {
            int count = Math.min(BLOCK_ROWS, segment.rows() - from);
            // rows before see none of these columns
            Columns columns = new Columns(segment.first() + from, count, segment.prefixRows() + from, from);
            Share share = new Share(rows, segment, head, ofRows);
            share(calls, room, share, columns, key, value);
        }
        if (segment.prefixRows() > 0) {
            Columns columns = new Columns(segment.prefix(), segment.prefixRows(), 0, 0);
            share(calls, room, new Share(rows, segment, head, ofRows), columns, ofKeysMore, ofValuesMore);
        }
    }

    /**
     * Columns of scores.
     *
     * @param row of the first key
     * @param count of keys
     * @param at the first column
     * @param from the first row of scores that sees one of them
     */
    private record Columns(int row, int count, int at, int from) {}

    private record Share(Rows rows, Segment segment, int head, Rows ofRows) {}

    private void share(
            CallList calls, Room room, Share share, Columns columns, ProductKernel key, ProductKernel value) {
        int keyHead = share.head / shape.group();
        Size size = new Size(columns.count, shape.dimension(), share.segment.rows() - columns.from);
        long scored = (long) columns.from * scoreRow + (long) columns.at * FLOAT;
        int first = share.segment.first() + columns.from;
        Panels queries = Panels.of(share.rows.mixed + row(shape.mixed(), first) + head(share.head));
        Panels ofResult = Panels.of(share.ofRows.attended + row(shape.queries(), first) + head(share.head));
        long below = row(shape.mixed(), columns.row);
        long ofKey = share.ofRows.mixed + keys(keyHead) + below;
        long ofValue = share.ofRows.mixed + values(keyHead) + below;
        key.multiply(calls, size, room.ofScores() + scored, queries, ofKey, ofKey);
        value.multiply(calls, size, room.scores() + scored, ofResult, ofValue, ofValue);
    }

    private void transpose(CallList calls, long of, Segment segment, long to) {
        int prefix = segment.prefixRows();
        if (prefix > 0) {
            transpose.transpose(calls, prefix, shape.dimension(), of + row(shape.mixed(), segment.prefix()), to);
        }
        long own = of + row(shape.mixed(), segment.first());
        transpose.transpose(calls, segment.rows(), shape.dimension(), own, to + (long) prefix * FLOAT);
    }

    private Block block(Rows rows, Segment segment, int head, int from, long scores) {
        int count = Math.min(BLOCK_ROWS, segment.rows() - from);
        int seen = segment.prefixRows() + from + 1;
        int columns = (seen + count - 1 + VECTOR - 1) / VECTOR * VECTOR;
        long kept = (long) (segment.first() + from) * CausalSoftmaxKernel.KEPT_BYTES;
        return new Block(count, seen, columns, scores, rows.softmax + head * rows.softmaxHead + kept);
    }

    private void score(CallList calls, Room room, Rows rows, Segment segment, int head, Block block) {
        int from = block.first() - 1 - segment.prefixRows();
        long queries = rows.mixed + row(shape.mixed(), segment.first() + from) + head(head);
        Size size = new Size(block.rows(), block.columns(), shape.dimension());
        scores.multiply(calls, size, queries, Panels.of(room.keys()), block.scores(), 0);
    }

    /** Bytes before a row. */
    private static long row(int floats, int row) {
        return (long) row * floats * FLOAT;
    }

    /** Bytes before a query head. */
    private long head(int head) {
        return (long) head * shape.dimension() * FLOAT;
    }

    /** Bytes before a key head. */
    private long keys(int keyHead) {
        return (long) shape.queries() * FLOAT + head(keyHead);
    }

    /** Bytes before a value head. */
    private long values(int keyHead) {
        return keys(keyHead) + (long) shape.keys() * FLOAT;
    }
}
