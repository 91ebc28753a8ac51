package dev.respec.model.vector;

import static dev.respec.model.vector.Lanes.COUNT;
import static dev.respec.model.vector.Lanes.FLOATS;
import static dev.respec.model.vector.Lanes.INTS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * A weight matrix [out, in] in bfloat16, multiplied with few rows of float32 at the speed at which it is read.
 *
 * <p>Outputs lie in blocks of four vectors, a lane an output; in a block one input pair follows the other, the even
 * input's weight in the low half of each int and the odd one's in the high half, so that a shift or a mask is all it takes
 * to have a vector of floats. A pass over a block reads it from front to back, which is what the processor foresees: with
 * four rows the arithmetic and the reading go on side by side. The passes are written out a number of rows each, because
 * only then do all sums stay in registers.
 */
final class Bfloat16Matrix {
    private static final int HIGH = 0xffff0000;
    /** Outputs of a block. */
    private static final int BLOCK = 4 * COUNT;
    /** Most rows of a pass: four sums a row, of 32 registers where vectors have 16 lanes, of 16 elsewhere. */
    private static final int MOST_ROWS = COUNT >= 16 ? 4 : 2;

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

    /**
     * Sets rows of the matrix, each value rounded to the nearest bfloat16.
     *
     * @param weights [rows, in] row-major
     * @param first output of the first row
     */
    void set(float[] weights, int first) {
        int rows = weights.length / inputs;
        for (int row = 0; row < rows; row++) {
            int output = first + row;
            int at = output / BLOCK * BLOCK * (inputs / 2) + output % BLOCK;
            for (int i = 0; i < inputs; i += 2, at += BLOCK) {
                int from = row * inputs + i;
                pairs[at] = rounded(weights[from]) >>> 16 | rounded(weights[from + 1]);
            }
        }
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
                switch (pass) {
                    case 1 -> one(pairs, at, inputs, x, row * inputs, y, yAt);
                    case 2 -> two(pairs, at, inputs, x, row * inputs, y, yAt, stride());
                    case 3 -> three(pairs, at, inputs, x, row * inputs, y, yAt, stride());
                    default -> four(pairs, at, inputs, x, row * inputs, y, yAt, stride());
                }
                row += pass;
            }
        }
    }

    private static void one(int[] w, int from, int count, float[] x, int xAt, float[] y, int yAt) {
        IntVector mask = IntVector.broadcast(INTS, HIGH);
        FloatVector s1a = FloatVector.zero(FLOATS);
        FloatVector s1b = s1a;
        FloatVector s1c = s1a;
        FloatVector s1d = s1a;
        FloatVector ta = s1a;
        FloatVector tb = s1a;
        FloatVector tc = s1a;
        FloatVector td = s1a;
        int at = from;
        for (int i = 0; i < count; i += 2, at += BLOCK) {
            IntVector pa = IntVector.fromArray(INTS, w, at);
            IntVector pb = IntVector.fromArray(INTS, w, at + COUNT);
            IntVector pc = IntVector.fromArray(INTS, w, at + 2 * COUNT);
            IntVector pd = IntVector.fromArray(INTS, w, at + 3 * COUNT);
            FloatVector wa = pa.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector wb = pb.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector wc = pc.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector wd = pd.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector value = FloatVector.broadcast(FLOATS, x[xAt + i]);
            s1a = wa.fma(value, s1a);
            s1b = wb.fma(value, s1b);
            s1c = wc.fma(value, s1c);
            s1d = wd.fma(value, s1d);
            wa = pa.and(mask).reinterpretAsFloats();
            wb = pb.and(mask).reinterpretAsFloats();
            wc = pc.and(mask).reinterpretAsFloats();
            wd = pd.and(mask).reinterpretAsFloats();
            value = FloatVector.broadcast(FLOATS, x[xAt + i + 1]);
            ta = wa.fma(value, ta);
            tb = wb.fma(value, tb);
            tc = wc.fma(value, tc);
            td = wd.fma(value, td);
        }
        s1a.add(ta).intoArray(y, yAt);
        s1b.add(tb).intoArray(y, yAt + COUNT);
        s1c.add(tc).intoArray(y, yAt + 2 * COUNT);
        s1d.add(td).intoArray(y, yAt + 3 * COUNT);
    }

    private static void two(int[] w, int from, int count, float[] x, int xAt, float[] y, int yAt, int stride) {
        IntVector mask = IntVector.broadcast(INTS, HIGH);
        int x2 = xAt + count;
        FloatVector s1a = FloatVector.zero(FLOATS);
        FloatVector s1b = s1a;
        FloatVector s1c = s1a;
        FloatVector s1d = s1a;
        FloatVector s2a = s1a;
        FloatVector s2b = s1a;
        FloatVector s2c = s1a;
        FloatVector s2d = s1a;
        int at = from;
        for (int i = 0; i < count; i += 2, at += BLOCK) {
            IntVector pa = IntVector.fromArray(INTS, w, at);
            IntVector pb = IntVector.fromArray(INTS, w, at + COUNT);
            IntVector pc = IntVector.fromArray(INTS, w, at + 2 * COUNT);
            IntVector pd = IntVector.fromArray(INTS, w, at + 3 * COUNT);
            FloatVector wa = pa.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector wb = pb.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector wc = pc.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector wd = pd.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector value = FloatVector.broadcast(FLOATS, x[xAt + i]);
            s1a = wa.fma(value, s1a);
            s1b = wb.fma(value, s1b);
            s1c = wc.fma(value, s1c);
            s1d = wd.fma(value, s1d);
            value = FloatVector.broadcast(FLOATS, x[x2 + i]);
            s2a = wa.fma(value, s2a);
            s2b = wb.fma(value, s2b);
            s2c = wc.fma(value, s2c);
            s2d = wd.fma(value, s2d);
            wa = pa.and(mask).reinterpretAsFloats();
            wb = pb.and(mask).reinterpretAsFloats();
            wc = pc.and(mask).reinterpretAsFloats();
            wd = pd.and(mask).reinterpretAsFloats();
            value = FloatVector.broadcast(FLOATS, x[xAt + i + 1]);
            s1a = wa.fma(value, s1a);
            s1b = wb.fma(value, s1b);
            s1c = wc.fma(value, s1c);
            s1d = wd.fma(value, s1d);
            value = FloatVector.broadcast(FLOATS, x[x2 + i + 1]);
            s2a = wa.fma(value, s2a);
            s2b = wb.fma(value, s2b);
            s2c = wc.fma(value, s2c);
            s2d = wd.fma(value, s2d);
        }
        s1a.intoArray(y, yAt);
        s1b.intoArray(y, yAt + COUNT);
        s1c.intoArray(y, yAt + 2 * COUNT);
        s1d.intoArray(y, yAt + 3 * COUNT);
        s2a.intoArray(y, yAt + stride);
        s2b.intoArray(y, yAt + stride + COUNT);
        s2c.intoArray(y, yAt + stride + 2 * COUNT);
        s2d.intoArray(y, yAt + stride + 3 * COUNT);
    }

    private static void three(int[] w, int from, int count, float[] x, int xAt, float[] y, int yAt, int stride) {
        IntVector mask = IntVector.broadcast(INTS, HIGH);
        int x2 = xAt + count;
        int x3 = xAt + 2 * count;
        FloatVector s1a = FloatVector.zero(FLOATS);
        FloatVector s1b = s1a;
        FloatVector s1c = s1a;
        FloatVector s1d = s1a;
        FloatVector s2a = s1a;
        FloatVector s2b = s1a;
        FloatVector s2c = s1a;
        FloatVector s2d = s1a;
        FloatVector s3a = s1a;
        FloatVector s3b = s1a;
        FloatVector s3c = s1a;
        FloatVector s3d = s1a;
        int at = from;
        for (int i = 0; i < count; i += 2, at += BLOCK) {
            IntVector pa = IntVector.fromArray(INTS, w, at);
            IntVector pb = IntVector.fromArray(INTS, w, at + COUNT);
            IntVector pc = IntVector.fromArray(INTS, w, at + 2 * COUNT);
            IntVector pd = IntVector.fromArray(INTS, w, at + 3 * COUNT);
            FloatVector wa = pa.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector wb = pb.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector wc = pc.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector wd = pd.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector value = FloatVector.broadcast(FLOATS, x[xAt + i]);
            s1a = wa.fma(value, s1a);
            s1b = wb.fma(value, s1b);
            s1c = wc.fma(value, s1c);
            s1d = wd.fma(value, s1d);
            value = FloatVector.broadcast(FLOATS, x[x2 + i]);
            s2a = wa.fma(value, s2a);
            s2b = wb.fma(value, s2b);
            s2c = wc.fma(value, s2c);
            s2d = wd.fma(value, s2d);
            value = FloatVector.broadcast(FLOATS, x[x3 + i]);
            s3a = wa.fma(value, s3a);
            s3b = wb.fma(value, s3b);
            s3c = wc.fma(value, s3c);
            s3d = wd.fma(value, s3d);
            wa = pa.and(mask).reinterpretAsFloats();
            wb = pb.and(mask).reinterpretAsFloats();
            wc = pc.and(mask).reinterpretAsFloats();
            wd = pd.and(mask).reinterpretAsFloats();
            value = FloatVector.broadcast(FLOATS, x[xAt + i + 1]);
            s1a = wa.fma(value, s1a);
            s1b = wb.fma(value, s1b);
            s1c = wc.fma(value, s1c);
            s1d = wd.fma(value, s1d);
            value = FloatVector.broadcast(FLOATS, x[x2 + i + 1]);
            s2a = wa.fma(value, s2a);
            s2b = wb.fma(value, s2b);
            s2c = wc.fma(value, s2c);
            s2d = wd.fma(value, s2d);
            value = FloatVector.broadcast(FLOATS, x[x3 + i + 1]);
            s3a = wa.fma(value, s3a);
            s3b = wb.fma(value, s3b);
            s3c = wc.fma(value, s3c);
            s3d = wd.fma(value, s3d);
        }
        s1a.intoArray(y, yAt);
        s1b.intoArray(y, yAt + COUNT);
        s1c.intoArray(y, yAt + 2 * COUNT);
        s1d.intoArray(y, yAt + 3 * COUNT);
        s2a.intoArray(y, yAt + stride);
        s2b.intoArray(y, yAt + stride + COUNT);
        s2c.intoArray(y, yAt + stride + 2 * COUNT);
        s2d.intoArray(y, yAt + stride + 3 * COUNT);
        s3a.intoArray(y, yAt + 2 * stride);
        s3b.intoArray(y, yAt + 2 * stride + COUNT);
        s3c.intoArray(y, yAt + 2 * stride + 2 * COUNT);
        s3d.intoArray(y, yAt + 2 * stride + 3 * COUNT);
    }

    private static void four(int[] w, int from, int count, float[] x, int xAt, float[] y, int yAt, int stride) {
        IntVector mask = IntVector.broadcast(INTS, HIGH);
        int x2 = xAt + count;
        int x3 = xAt + 2 * count;
        int x4 = xAt + 3 * count;
        FloatVector s1a = FloatVector.zero(FLOATS);
        FloatVector s1b = s1a;
        FloatVector s1c = s1a;
        FloatVector s1d = s1a;
        FloatVector s2a = s1a;
        FloatVector s2b = s1a;
        FloatVector s2c = s1a;
        FloatVector s2d = s1a;
        FloatVector s3a = s1a;
        FloatVector s3b = s1a;
        FloatVector s3c = s1a;
        FloatVector s3d = s1a;
        FloatVector s4a = s1a;
        FloatVector s4b = s1a;
        FloatVector s4c = s1a;
        FloatVector s4d = s1a;
        int at = from;
        for (int i = 0; i < count; i += 2, at += BLOCK) {
            IntVector pa = IntVector.fromArray(INTS, w, at);
            IntVector pb = IntVector.fromArray(INTS, w, at + COUNT);
            IntVector pc = IntVector.fromArray(INTS, w, at + 2 * COUNT);
            IntVector pd = IntVector.fromArray(INTS, w, at + 3 * COUNT);
            FloatVector wa = pa.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector wb = pb.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector wc = pc.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector wd = pd.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector value = FloatVector.broadcast(FLOATS, x[xAt + i]);
            s1a = wa.fma(value, s1a);
            s1b = wb.fma(value, s1b);
            s1c = wc.fma(value, s1c);
            s1d = wd.fma(value, s1d);
            value = FloatVector.broadcast(FLOATS, x[x2 + i]);
            s2a = wa.fma(value, s2a);
            s2b = wb.fma(value, s2b);
            s2c = wc.fma(value, s2c);
            s2d = wd.fma(value, s2d);
            value = FloatVector.broadcast(FLOATS, x[x3 + i]);
            s3a = wa.fma(value, s3a);
            s3b = wb.fma(value, s3b);
            s3c = wc.fma(value, s3c);
            s3d = wd.fma(value, s3d);
            value = FloatVector.broadcast(FLOATS, x[x4 + i]);
            s4a = wa.fma(value, s4a);
            s4b = wb.fma(value, s4b);
            s4c = wc.fma(value, s4c);
            s4d = wd.fma(value, s4d);
            wa = pa.and(mask).reinterpretAsFloats();
            wb = pb.and(mask).reinterpretAsFloats();
            wc = pc.and(mask).reinterpretAsFloats();
            wd = pd.and(mask).reinterpretAsFloats();
            value = FloatVector.broadcast(FLOATS, x[xAt + i + 1]);
            s1a = wa.fma(value, s1a);
            s1b = wb.fma(value, s1b);
            s1c = wc.fma(value, s1c);
            s1d = wd.fma(value, s1d);
            value = FloatVector.broadcast(FLOATS, x[x2 + i + 1]);
            s2a = wa.fma(value, s2a);
            s2b = wb.fma(value, s2b);
            s2c = wc.fma(value, s2c);
            s2d = wd.fma(value, s2d);
            value = FloatVector.broadcast(FLOATS, x[x3 + i + 1]);
            s3a = wa.fma(value, s3a);
            s3b = wb.fma(value, s3b);
            s3c = wc.fma(value, s3c);
            s3d = wd.fma(value, s3d);
            value = FloatVector.broadcast(FLOATS, x[x4 + i + 1]);
            s4a = wa.fma(value, s4a);
            s4b = wb.fma(value, s4b);
            s4c = wc.fma(value, s4c);
            s4d = wd.fma(value, s4d);
        }
        s1a.intoArray(y, yAt);
        s1b.intoArray(y, yAt + COUNT);
        s1c.intoArray(y, yAt + 2 * COUNT);
        s1d.intoArray(y, yAt + 3 * COUNT);
        s2a.intoArray(y, yAt + stride);
        s2b.intoArray(y, yAt + stride + COUNT);
        s2c.intoArray(y, yAt + stride + 2 * COUNT);
        s2d.intoArray(y, yAt + stride + 3 * COUNT);
        s3a.intoArray(y, yAt + 2 * stride);
        s3b.intoArray(y, yAt + 2 * stride + COUNT);
        s3c.intoArray(y, yAt + 2 * stride + 2 * COUNT);
        s3d.intoArray(y, yAt + 2 * stride + 3 * COUNT);
        s4a.intoArray(y, yAt + 3 * stride);
        s4b.intoArray(y, yAt + 3 * stride + COUNT);
        s4c.intoArray(y, yAt + 3 * stride + 2 * COUNT);
        s4d.intoArray(y, yAt + 3 * stride + 3 * COUNT);
    }
}
