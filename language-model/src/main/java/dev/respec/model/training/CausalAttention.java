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

/**
 * Causal attention of one sequence after the other and its gradient. Queries go in blocks of rows, each with the columns
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
    private final ProductKernel ofQueries;
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

    /** Addresses of a sequence's rows; of softmax, its first row of the first head. */
    record Sequence(int width, long mixed, long attended, long softmax, long softmaxHead) {
        long softmax(int head, int row) {
            return softmax + head * softmaxHead + (long) row * CausalSoftmaxKernel.KEPT_BYTES;
        }
    }

    void forward(CallList calls, Room room, Sequence sequence) {
        int dimension = shape.dimension();
        for (int keyHead = 0; keyHead < shape.keyValueHeads(); keyHead++) {
            transpose.transpose(calls, sequence.width, dimension, keys(sequence.mixed, keyHead), room.keys());
            Panels values = Panels.of(values(sequence.mixed, keyHead));
            for (int head = keyHead * shape.group(); head < (keyHead + 1) * shape.group(); head++) {
                for (int from = 0; from < sequence.width; from += BLOCK_ROWS) {
                    int upto = Math.min(from + BLOCK_ROWS, sequence.width);
                    Block block = block(sequence, head, from, upto, room.scores());
                    score(calls, room, sequence, head, block);
                    softmax.forward(calls, block);
                    long result = queries(sequence.attended, shape.queries(), head, from);
                    mix.multiply(calls, new Size(upto - from, dimension, upto), block.scores(), values, result, 0);
                }
            }
        }
    }

    /**
     * The gradients of queries, keys and values.
     *
     * @param ofAttended address of the gradient of what forward made
     * @param ofMixed address of rows of queries, keys and values, all of which are written
     */
    void backward(CallList calls, Room room, Sequence sequence, long ofAttended, long ofMixed) {
        int width = sequence.width;
        int dimension = shape.dimension();
        for (int keyHead = 0; keyHead < shape.keyValueHeads(); keyHead++) {
            long keys = keys(sequence.mixed, keyHead);
            transpose.transpose(calls, width, dimension, keys, room.keys());
            transpose.transpose(calls, width, dimension, values(sequence.mixed, keyHead), room.values());
            for (int inGroup = 0; inGroup < shape.group(); inGroup++) {
                int head = keyHead * shape.group() + inGroup;
                for (int from = 0; from < width; from += BLOCK_ROWS) {
                    int upto = Math.min(from + BLOCK_ROWS, width);
                    long below = (long) from * scoreRow;
                    Block block = block(sequence, head, from, upto, room.scores() + below);
                    score(calls, room, sequence, head, block);
                    long ofBlock = room.ofScores() + below;
                    Size size = new Size(block.rows(), block.columns(), dimension);
                    long ofResult = queries(ofAttended, shape.queries(), head, from);
                    ofScores.multiply(calls, size, ofResult, Panels.of(room.values()), ofBlock, 0);
                    softmax.backward(calls, block, ofBlock);
                    long ofQuery = queries(ofMixed, shape.mixed(), head, from);
                    ofQueries.multiply(
                            calls, new Size(block.rows(), dimension, upto), ofBlock, Panels.of(keys), ofQuery, 0);
                }
                shared(calls, room, sequence, head, inGroup, ofAttended, ofMixed);
            }
        }
    }

    /** Adds a query head's share of the gradients of its key head. */
    private void shared(
            CallList calls, Room room, Sequence sequence, int head, int inGroup, long ofAttended, long ofMixed) {
        int keyHead = head / shape.group();
        ProductKernel key = inGroup == 0 ? ofKeys : ofKeysMore;
        ProductKernel value = inGroup == 0 ? ofValues : ofValuesMore;
        for (int from = 0; from < sequence.width; from += BLOCK_ROWS) {
            int upto = Math.min(from + BLOCK_ROWS, sequence.width);
            // rows before see none of these columns
            Size size = new Size(upto - from, shape.dimension(), sequence.width - from);
            long at = (long) from * scoreRow + (long) from * FLOAT;
            long below = (long) from * shape.mixed() * FLOAT;
            long ofKey = keys(ofMixed, keyHead) + below;
            long ofValue = values(ofMixed, keyHead) + below;
            Panels queries = Panels.of(queries(sequence.mixed, shape.mixed(), head, from));
            Panels ofResult = Panels.of(queries(ofAttended, shape.queries(), head, from));
            key.multiply(calls, size, room.ofScores() + at, queries, ofKey, ofKey);
            value.multiply(calls, size, room.scores() + at, ofResult, ofValue, ofValue);
        }
    }

    private Block block(Sequence sequence, int head, int from, int upto, long scores) {
        int columns = (upto + VECTOR - 1) / VECTOR * VECTOR;
        return new Block(upto - from, from + 1, columns, scores, sequence.softmax(head, from));
    }

    private void score(CallList calls, Room room, Sequence sequence, int head, Block block) {
        long queries = queries(sequence.mixed, shape.mixed(), head, block.first() - 1);
        Size size = new Size(block.rows(), block.columns(), shape.dimension());
        scores.multiply(calls, size, queries, Panels.of(room.keys()), block.scores(), 0);
    }

    private long queries(long rows, int rowFloats, int head, int row) {
        return rows + ((long) row * rowFloats + (long) head * shape.dimension()) * FLOAT;
    }

    private long keys(long mixed, int keyHead) {
        return mixed + (shape.queries() + (long) keyHead * shape.dimension()) * FLOAT;
    }

    private long values(long mixed, int keyHead) {
        return keys(mixed, keyHead) + (long) shape.keys() * FLOAT;
    }
}
