package dev.respec.model.vector;

import dev.respec.model.sampling.LogitWeights;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Weights of logits on the processor's vectors, in double precision: e^x = 2^n · e^r with a Taylor polynomial of degree 10
 * for |r| ≤ ln 2 / 2, relative error below 1e-11.
 */
final class VectorLogitWeights implements LogitWeights {
    private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Long> LONGS = VectorSpecies.of(long.class, DOUBLES.vectorShape());
    /** As many floats as there are doubles in a vector. */
    private static final VectorSpecies<Float> NARROW =
            VectorSpecies.of(float.class, VectorShape.forBitSize(DOUBLES.vectorBitSize() / 2));

    private static final int LANES = DOUBLES.length();
    /** Logits whose largest is looked for at once. */
    private static final int BLOCK = 1024;

    private static final double FLOOR = -45;
    private static final double LOG2_E = 1.4426950408889634;
    private static final double LN_2_HIGH = 6.93147180369123816490e-1;
    private static final double LN_2_LOW = 1.90821492927058770002e-10;
    /** Added to a small double, leaves its nearest integer in the lowest bits. */
    private static final double ROUNDING = 0x1.8p52;

    private static final int EXPONENT = 52;
    /** 1 / n! for n = 10 … 2. */
    private static final double[] TAYLOR = {
        1 / 3628800.0, 1 / 362880.0, 1 / 40320.0, 1 / 5040.0, 1 / 720.0, 1 / 120.0, 1 / 24.0, 1 / 6.0, 0.5
    };

    @Override
    public int largest(float[] logits, int at, int count) {
        int first = 0;
        float max = logits[at];
        for (int from = 0; from < count; from += BLOCK) {
            float most = largestOf(logits, at + from, Math.min(BLOCK, count - from));
            if (most > max) {
                max = most;
                first = from;
            }
        }
        int i = first;
        while (i + 1 < count && logits[at + i] != max) {
            i++;
        }
        return i;
    }

    private static float largestOf(float[] logits, int at, int count) {
        int vectors = count - count % Lanes.COUNT;
        FloatVector most = FloatVector.broadcast(Lanes.FLOATS, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < vectors; i += Lanes.COUNT) {
            most = most.max(FloatVector.fromArray(Lanes.FLOATS, logits, at + i));
        }
        float largest = most.reduceLanes(VectorOperators.MAX);
        for (int i = vectors; i < count; i++) {
            largest = Math.max(largest, logits[at + i]);
        }
        return largest;
    }

    @Override
    public double weigh(float[] logits, int at, int count, double max, double scale, double[] out, int from) {
        int vectors = count - count % LANES;
        double sum = vectors(logits, at, vectors, max, scale, out, from);
        return sum + PLAIN.weigh(logits, at + vectors, count - vectors, max, scale, out, from + vectors);
    }

    private static double vectors(float[] logits, int at, int count, double max, double scale, double[] out, int from) {
        DoubleVector maxima = DoubleVector.broadcast(DOUBLES, max);
        DoubleVector scales = DoubleVector.broadcast(DOUBLES, scale);
        DoubleVector floor = DoubleVector.broadcast(DOUBLES, FLOOR);
        DoubleVector logarithm = DoubleVector.broadcast(DOUBLES, LOG2_E);
        DoubleVector rounding = DoubleVector.broadcast(DOUBLES, ROUNDING);
        DoubleVector high = DoubleVector.broadcast(DOUBLES, -LN_2_HIGH);
        DoubleVector low = DoubleVector.broadcast(DOUBLES, -LN_2_LOW);
        DoubleVector one = DoubleVector.broadcast(DOUBLES, 1);
        DoubleVector p10 = DoubleVector.broadcast(DOUBLES, TAYLOR[0]);
        DoubleVector p9 = DoubleVector.broadcast(DOUBLES, TAYLOR[1]);
        DoubleVector p8 = DoubleVector.broadcast(DOUBLES, TAYLOR[2]);
        DoubleVector p7 = DoubleVector.broadcast(DOUBLES, TAYLOR[3]);
        DoubleVector p6 = DoubleVector.broadcast(DOUBLES, TAYLOR[4]);
        DoubleVector p5 = DoubleVector.broadcast(DOUBLES, TAYLOR[5]);
        DoubleVector p4 = DoubleVector.broadcast(DOUBLES, TAYLOR[6]);
        DoubleVector p3 = DoubleVector.broadcast(DOUBLES, TAYLOR[7]);
        DoubleVector p2 = DoubleVector.broadcast(DOUBLES, TAYLOR[8]);
        DoubleVector total = DoubleVector.zero(DOUBLES);
        for (int i = 0; i < count; i += LANES) {
            DoubleVector logit = (DoubleVector)
                    FloatVector.fromArray(NARROW, logits, at + i).convertShape(VectorOperators.F2D, DOUBLES, 0);
            DoubleVector x = logit.sub(maxima).mul(scales);
            // below the floor the rest is garbage, and replaced; NaN passes through
            VectorMask<Double> nothing = x.compare(VectorOperators.LE, floor);
            DoubleVector shifted = x.fma(logarithm, rounding);
            DoubleVector whole = shifted.sub(rounding);
            DoubleVector rest = whole.fma(low, whole.fma(high, x));
            DoubleVector p = p10.fma(rest, p9).fma(rest, p8).fma(rest, p7);
            p = p.fma(rest, p6).fma(rest, p5).fma(rest, p4);
            p = p.fma(rest, p3).fma(rest, p2);
            p = p.fma(rest, one).fma(rest, one);
            LongVector exponent = shifted.reinterpretAsLongs().lanewise(VectorOperators.LSHL, EXPONENT);
            DoubleVector raised = p.reinterpretAsLongs().add(exponent).reinterpretAsDoubles();
            DoubleVector weight = raised.blend(0, nothing);
            weight.intoArray(out, from + i);
            total = total.add(weight);
        }
        return total.reduceLanes(VectorOperators.ADD);
    }

    @Override
    public double cut(double[] weights, int from, int count, double threshold) {
        int vectors = count - count % LANES;
        DoubleVector limit = DoubleVector.broadcast(DOUBLES, threshold);
        DoubleVector total = DoubleVector.zero(DOUBLES);
        for (int i = from; i < from + vectors; i += LANES) {
            DoubleVector weight = DoubleVector.fromArray(DOUBLES, weights, i);
            DoubleVector left = weight.blend(0, weight.compare(VectorOperators.LT, limit));
            left.intoArray(weights, i);
            total = total.add(left);
        }
        return total.reduceLanes(VectorOperators.ADD) + PLAIN.cut(weights, from + vectors, count - vectors, threshold);
    }

    @Override
    public double sumFrom(double[] weights, double threshold) {
        int vectors = weights.length - weights.length % LANES;
        DoubleVector limit = DoubleVector.broadcast(DOUBLES, threshold);
        DoubleVector total = DoubleVector.zero(DOUBLES);
        for (int i = 0; i < vectors; i += LANES) {
            DoubleVector weight = DoubleVector.fromArray(DOUBLES, weights, i);
            total = total.add(weight.blend(0, weight.compare(VectorOperators.LT, limit)));
        }
        double sum = total.reduceLanes(VectorOperators.ADD);
        for (int i = vectors; i < weights.length; i++) {
            sum += weights[i] >= threshold ? weights[i] : 0;
        }
        return sum;
    }

    @Override
    public int collect(double[] weights, double low, double high, double[] out) {
        int vectors = weights.length - weights.length % LANES;
        DoubleVector lower = DoubleVector.broadcast(DOUBLES, low);
        DoubleVector upper = DoubleVector.broadcast(DOUBLES, high);
        int count = 0;
        for (int i = 0; i < weights.length; i += LANES) {
            if (i < vectors) {
                DoubleVector weight = DoubleVector.fromArray(DOUBLES, weights, i);
                VectorMask<Double> within =
                        weight.compare(VectorOperators.GE, lower).and(weight.compare(VectorOperators.LT, upper));
                if (!within.anyTrue()) {
                    continue;
                }
            }
            for (int j = i; j < Math.min(weights.length, i + LANES); j++) {
                if (weights[j] >= low && weights[j] < high) {
                    out[count++] = weights[j];
                }
            }
        }
        return count;
    }

    /** On integers: the bits of numbers that are not negative are in their order, and NaN needs no care. */
    @Override
    public int maxima(double[] weights, int run, double[] out) {
        int runs = 0;
        for (int first = 0; first < weights.length; first += run) {
            int end = Math.min(weights.length, first + run);
            int vectors = end - (end - first) % LANES;
            LongVector most = LongVector.zero(LONGS);
            for (int i = first; i < vectors; i += LANES) {
                most = most.max(DoubleVector.fromArray(DOUBLES, weights, i).reinterpretAsLongs());
            }
            long largest = most.reduceLanes(VectorOperators.MAX);
            for (int i = vectors; i < end; i++) {
                largest = Math.max(largest, Double.doubleToRawLongBits(weights[i]));
            }
            out[runs++] = Double.longBitsToDouble(largest);
        }
        return runs;
    }
}
