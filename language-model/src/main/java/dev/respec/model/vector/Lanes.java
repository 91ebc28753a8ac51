package dev.respec.model.vector;

import dev.respec.model.machine.DotKernel;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The widest vectors of this processor, and the elementwise functions of a decoder on them.
 *
 * <p>No method here or beside takes or gives a vector: one that the compiler does not inline would put each on the heap.
 */
final class Lanes {
    static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
    static final int COUNT = FLOATS.length();

    private static final int PAIR_GROUP = DotKernel.GROUP;
    private static final float LOG2_E = 1.44269504f;
    private static final float LN_2_HIGH = 0.693359375f;
    private static final float LN_2_LOW = -2.12194440e-4f;
    /** Added to a small float, leaves its nearest integer in the lowest bits. */
    private static final float ROUNDING = 12582912f;

    private static final float SMALLEST = -87.3f;
    private static final float LARGEST = 88f;

    private Lanes() {}

    /** One array behind the other. */
    static float[] joined(float[]... arrays) {
        int count = 0;
        for (float[] array : arrays) {
            count += array.length;
        }
        float[] all = new float[count];
        int at = 0;
        for (float[] array : arrays) {
            System.arraycopy(array, 0, all, at, array.length);
            at += array.length;
        }
        return all;
    }

    static int padded(int count) {
        return (count + COUNT - 1) / COUNT * COUNT;
    }

    /**
     * values[at + i] = e^(sign * values[at + i] - less), within two units in the last place, by the polynomial of the
     * Cephes library; saturates at 1e-38 and 1e38.
     *
     * @param count a multiple of the lanes
     */
    private static void exp(float[] values, int at, int count, float sign, float less) {
        FloatVector logarithm = FloatVector.broadcast(FLOATS, LOG2_E);
        FloatVector rounding = FloatVector.broadcast(FLOATS, ROUNDING);
        FloatVector high = FloatVector.broadcast(FLOATS, -LN_2_HIGH);
        FloatVector low = FloatVector.broadcast(FLOATS, -LN_2_LOW);
        FloatVector smallest = FloatVector.broadcast(FLOATS, SMALLEST);
        FloatVector largest = FloatVector.broadcast(FLOATS, LARGEST);
        FloatVector signs = FloatVector.broadcast(FLOATS, sign);
        FloatVector offset = FloatVector.broadcast(FLOATS, -less);
        FloatVector p0 = FloatVector.broadcast(FLOATS, 1.9875691500e-4f);
        FloatVector p1 = FloatVector.broadcast(FLOATS, 1.3981999507e-3f);
        FloatVector p2 = FloatVector.broadcast(FLOATS, 8.3334519073e-3f);
        FloatVector p3 = FloatVector.broadcast(FLOATS, 4.1665795894e-2f);
        FloatVector p4 = FloatVector.broadcast(FLOATS, 1.6666665459e-1f);
        FloatVector p5 = FloatVector.broadcast(FLOATS, 5.0000001201e-1f);
        FloatVector one = FloatVector.broadcast(FLOATS, 1f);
        for (int i = 0; i < count; i += COUNT) {
            FloatVector x = FloatVector.fromArray(FLOATS, values, at + i)
                    .fma(signs, offset)
                    .max(smallest)
                    .min(largest);
            FloatVector shifted = x.fma(logarithm, rounding);
            FloatVector whole = shifted.sub(rounding);
            FloatVector rest = whole.fma(low, whole.fma(high, x));
            FloatVector p =
                    p0.fma(rest, p1).fma(rest, p2).fma(rest, p3).fma(rest, p4).fma(rest, p5);
            p = p.fma(rest.mul(rest), rest).add(one);
            IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            p.reinterpretAsInts().add(exponent).reinterpretAsFloats().intoArray(values, at + i);
        }
    }

    /** y[yAt + i] = x[xAt + i] * weight[i] / sqrt(mean(x^2) + epsilon). */
    static void rmsNorm(float[] x, int xAt, float[] weight, double epsilon, float[] y, int yAt) {
        int count = weight.length;
        int vectors = count - count % COUNT;
        FloatVector squares = FloatVector.zero(FLOATS);
        for (int i = 0; i < vectors; i += COUNT) {
            FloatVector v = FloatVector.fromArray(FLOATS, x, xAt + i);
            squares = v.fma(v, squares);
        }
        float total = squares.reduceLanes(VectorOperators.ADD);
        for (int i = vectors; i < count; i++) {
            total += x[xAt + i] * x[xAt + i];
        }
        float scale = (float) (1 / Math.sqrt(total / (double) count + epsilon));
        for (int i = 0; i < vectors; i += COUNT) {
            FloatVector.fromArray(FLOATS, x, xAt + i)
                    .mul(scale)
                    .mul(FloatVector.fromArray(FLOATS, weight, i))
                    .intoArray(y, yAt + i);
        }
        for (int i = vectors; i < count; i++) {
            y[yAt + i] = x[xAt + i] * scale * weight[i];
        }
    }

    /** y[yAt + i] = silu(gate[at + i]) * gate[at + count + i]: the gated half of a feed-forward layer. */
    static void gatedSilu(float[] gate, int at, int count, float[] y, int yAt) {
        int vectors = count - count % COUNT;
        System.arraycopy(gate, at, y, yAt, vectors);
        exp(y, yAt, vectors, -1, 0);
        FloatVector one = FloatVector.broadcast(FLOATS, 1f);
        for (int i = 0; i < vectors; i += COUNT) {
            FloatVector.fromArray(FLOATS, gate, at + i)
                    .mul(FloatVector.fromArray(FLOATS, gate, at + count + i))
                    .div(FloatVector.fromArray(FLOATS, y, yAt + i).add(one))
                    .intoArray(y, yAt + i);
        }
        for (int i = vectors; i < count; i++) {
            float g = gate[at + i];
            y[yAt + i] = (float) (g / (1 + Math.exp(-g))) * gate[at + count + i];
        }
    }

    /**
     * A row of bfloat16, rounded to the nearest: in each group of 32 values one int holds a value in its lower and the one 16
     * places behind in its upper half.
     *
     * @param count the rest of the last group is zero
     */
    static void pack(float[] x, int at, int count, int[] to, int toAt) {
        IntVector one = IntVector.broadcast(INTS, 1);
        IntVector half = IntVector.broadcast(INTS, 0x7fff);
        IntVector upper = IntVector.broadcast(INTS, 0xffff0000);
        int groups = count - count % PAIR_GROUP;
        int out = toAt;
        for (int i = 0; i < groups; i += PAIR_GROUP) {
            for (int j = 0; j < PAIR_GROUP / 2; j += COUNT, out += COUNT) {
                IntVector low = FloatVector.fromArray(FLOATS, x, at + i + j).reinterpretAsInts();
                IntVector high = FloatVector.fromArray(FLOATS, x, at + i + j + PAIR_GROUP / 2)
                        .reinterpretAsInts();
                low = low.lanewise(VectorOperators.LSHR, 16).and(one).add(half).add(low);
                high = high.lanewise(VectorOperators.LSHR, 16)
                        .and(one)
                        .add(half)
                        .add(high);
                low.lanewise(VectorOperators.LSHR, 16).or(high.and(upper)).intoArray(to, out);
            }
        }
        for (int i = groups; i < count || i % PAIR_GROUP != 0 && i % PAIR_GROUP < PAIR_GROUP / 2; i++) {
            if (i % PAIR_GROUP < PAIR_GROUP / 2) {
                int behind = i + PAIR_GROUP / 2;
                to[out++] = DotRows.pair(i < count ? x[at + i] : 0, behind < count ? x[at + behind] : 0);
            }
        }
    }

    /** x[xAt + i] += y[yAt + i]. */
    static void add(float[] x, int xAt, float[] y, int yAt, int count) {
        int vectors = count - count % COUNT;
        for (int i = 0; i < vectors; i += COUNT) {
            FloatVector.fromArray(FLOATS, x, xAt + i)
                    .add(FloatVector.fromArray(FLOATS, y, yAt + i))
                    .intoArray(x, xAt + i);
        }
        for (int i = vectors; i < count; i++) {
            x[xAt + i] += y[yAt + i];
        }
    }

    /**
     * Softmax without its division.
     *
     * @param count a multiple of the lanes
     * @return the sum to divide by
     */
    static float exponentials(float[] scores, int at, int count) {
        FloatVector largest = FloatVector.fromArray(FLOATS, scores, at);
        for (int i = COUNT; i < count; i += COUNT) {
            largest = largest.max(FloatVector.fromArray(FLOATS, scores, at + i));
        }
        exp(scores, at, count, 1, largest.reduceLanes(VectorOperators.MAX));
        FloatVector total = FloatVector.zero(FLOATS);
        for (int i = 0; i < count; i += COUNT) {
            total = total.add(FloatVector.fromArray(FLOATS, scores, at + i));
        }
        return total.reduceLanes(VectorOperators.ADD);
    }
}
