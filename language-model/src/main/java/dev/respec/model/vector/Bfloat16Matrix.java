package dev.respec.model.vector;

import static dev.respec.model.vector.Lanes.COUNT;

/**
 * A weight matrix [out, in] in bfloat16, multiplied with few rows of float32 at the speed at which it is read.
 *
 * <p>Outputs lie in blocks of two or four vectors, one lane per output. Within a block the input pairs follow one another,
 * the even input's weight in the low half of each int and the odd one's in the high half, so that a shift or a mask makes a
 * vector of floats. A pass reads its block from front to back, so the processor prefetches what comes next while it multiplies.
 */
final class Bfloat16Matrix {
    static final int HIGH = 0xffff0000;
    /** Vectors of a block: with 16 lanes there are 32 registers, which hold the sums of four rows, elsewhere 16. */
    private static final int WIDTH = COUNT >= 16 ? 4 : 2;
    /** Outputs of a block. */
    static final int BLOCK = WIDTH * COUNT;
    /** Most rows of a pass. */
    private static final int MOST_ROWS = WIDTH;

    private final int inputs;
    private final int outputs;
    private final int[] pairs;

    /** @param inputs even */
    Bfloat16Matrix(int outputs, int inputs) {
        if (inputs % 2 != 0) {
            throw new IllegalArgumentException("inputs come in pairs, got " + inputs);
        }
        this.inputs = inputs;
        this.outputs = outputs;
        this.pairs = new int[Math.multiplyExact(blocks() * BLOCK, inputs / 2)];
    }

    int blocks() {
        return (outputs + BLOCK - 1) / BLOCK;
    }

    /** Floats from one row of a product to the next. */
    int stride() {
        return blocks() * BLOCK;
    }

    int inputs() {
        return inputs;
    }

    int outputs() {
        return outputs;
    }

    /** Sets all rows. */
    void set(StackedRows weights) {
        weights.requireRows(outputs);
        short[] row = new short[inputs];
        for (int output = 0; output < outputs; output++) {
            weights.read(output, row, 0);
            int at = at(output);
            for (int i = 0; i < inputs; i += 2, at += BLOCK) {
                pairs[at] = row[i] & 0xffff | row[i + 1] << 16;
            }
            if (output % BLOCK == BLOCK - 1) {
                weights.release(output + 1 - BLOCK, output + 1);
            }
        }
    }

    /** The weights of one output. */
    void get(int output, float[] to, int toAt) {
        int at = at(output);
        for (int i = 0; i < inputs; i += 2, at += BLOCK) {
            to[toAt + i] = Float.intBitsToFloat(pairs[at] << 16);
            to[toAt + i + 1] = Float.intBitsToFloat(pairs[at] & HIGH);
        }
    }

    private int at(int output) {
        return output / BLOCK * BLOCK * (inputs / 2) + output % BLOCK;
    }

    /** Bits of the nearest bfloat16, ties to even, in the upper half; infinities and NaN stay what they are. */
    static int rounded(float value) {
        int bits = Float.floatToRawIntBits(value);
        if ((bits & 0x7f800000) == 0x7f800000) {
            return (bits & 0x007fffff) == 0 ? bits : 0x7fc00000;
        }
        return bits + 0x7fff + (bits >>> 16 & 1) & HIGH;
    }

    /**
     * Some rows times some of the outputs.
     *
     * @param x [rows, in], one behind the other
     * @param y receives [rows, stride()]
     */
    void multiply(float[] x, int fromRow, int toRow, float[] y, int fromBlock, int toBlock) {
        for (int block = fromBlock; block < toBlock; block++) {
            int at = block * BLOCK * (inputs / 2);
            int row = fromRow;
            while (row < toRow) {
                int left = toRow - row;
                // five rows are three and two rather than four and one
                int pass = left == MOST_ROWS + 1 ? (left + 1) / 2 : Math.min(left, MOST_ROWS);
                int yAt = row * stride() + block * BLOCK;
                pass(pass, at, x, row * inputs, y, yAt);
                row += pass;
            }
        }
    }

    private void pass(int rows, int at, float[] x, int xAt, float[] y, int yAt) {
        if (WIDTH == 4) {
            switch (rows) {
                case 1 -> WidePasses.one(pairs, at, inputs, x, xAt, y, yAt);
                case 2 -> WidePasses.two(pairs, at, inputs, x, xAt, y, yAt, stride());
                case 3 -> WidePasses.three(pairs, at, inputs, x, xAt, y, yAt, stride());
                default -> WidePasses.four(pairs, at, inputs, x, xAt, y, yAt, stride());
            }
        } else if (rows == 1) {
            NarrowPasses.one(pairs, at, inputs, x, xAt, y, yAt);
        } else {
            NarrowPasses.two(pairs, at, inputs, x, xAt, y, yAt, stride());
        }
    }
}
