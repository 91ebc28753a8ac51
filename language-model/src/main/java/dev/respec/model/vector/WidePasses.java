package dev.respec.model.vector;

import static dev.respec.model.vector.Bfloat16Matrix.BLOCK;
import static dev.respec.model.vector.Bfloat16Matrix.HIGH;
import static dev.respec.model.vector.Lanes.COUNT;
import static dev.respec.model.vector.Lanes.FLOATS;
import static dev.respec.model.vector.Lanes.INTS;
import static jdk.incubator.vector.VectorOperators.LSHL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Passes of one to four rows over one block of a {@link Bfloat16Matrix} that is four vectors wide, for processors with 32
 * vector registers.
 *
 * <p>They are written out for each number of rows, because only then do all sums stay in registers.
 */
final class WidePasses {
    /** Offsets of the third and the last vector of a block. */
    private static final int THIRD = 2 * COUNT;

    private static final int LAST = 3 * COUNT;

    private WidePasses() {}

    static void one(int[] w, int from, int count, float[] x, int xAt, float[] y, int yAt) {
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
            IntVector pc = IntVector.fromArray(INTS, w, at + THIRD);
            IntVector pd = IntVector.fromArray(INTS, w, at + LAST);
            FloatVector wa = pa.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector wb = pb.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector wc = pc.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector wd = pd.lanewise(LSHL, 16).reinterpretAsFloats();
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
        s1c.add(tc).intoArray(y, yAt + THIRD);
        s1d.add(td).intoArray(y, yAt + LAST);
    }

    static void two(int[] w, int from, int count, float[] x, int xAt, float[] y, int yAt, int stride) {
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
            IntVector pc = IntVector.fromArray(INTS, w, at + THIRD);
            IntVector pd = IntVector.fromArray(INTS, w, at + LAST);
            FloatVector wa = pa.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector wb = pb.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector wc = pc.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector wd = pd.lanewise(LSHL, 16).reinterpretAsFloats();
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
        s1c.intoArray(y, yAt + THIRD);
        s1d.intoArray(y, yAt + LAST);
        s2a.intoArray(y, yAt + stride);
        s2b.intoArray(y, yAt + stride + COUNT);
        s2c.intoArray(y, yAt + stride + THIRD);
        s2d.intoArray(y, yAt + stride + LAST);
    }

    static void three(int[] w, int from, int count, float[] x, int xAt, float[] y, int yAt, int stride) {
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
            IntVector pc = IntVector.fromArray(INTS, w, at + THIRD);
            IntVector pd = IntVector.fromArray(INTS, w, at + LAST);
            FloatVector wa = pa.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector wb = pb.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector wc = pc.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector wd = pd.lanewise(LSHL, 16).reinterpretAsFloats();
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
        s1c.intoArray(y, yAt + THIRD);
        s1d.intoArray(y, yAt + LAST);
        s2a.intoArray(y, yAt + stride);
        s2b.intoArray(y, yAt + stride + COUNT);
        s2c.intoArray(y, yAt + stride + THIRD);
        s2d.intoArray(y, yAt + stride + LAST);
        s3a.intoArray(y, yAt + 2 * stride);
        s3b.intoArray(y, yAt + 2 * stride + COUNT);
        s3c.intoArray(y, yAt + 2 * stride + THIRD);
        s3d.intoArray(y, yAt + 2 * stride + LAST);
    }

    static void four(int[] w, int from, int count, float[] x, int xAt, float[] y, int yAt, int stride) {
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
            IntVector pc = IntVector.fromArray(INTS, w, at + THIRD);
            IntVector pd = IntVector.fromArray(INTS, w, at + LAST);
            FloatVector wa = pa.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector wb = pb.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector wc = pc.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector wd = pd.lanewise(LSHL, 16).reinterpretAsFloats();
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
        s1c.intoArray(y, yAt + THIRD);
        s1d.intoArray(y, yAt + LAST);
        s2a.intoArray(y, yAt + stride);
        s2b.intoArray(y, yAt + stride + COUNT);
        s2c.intoArray(y, yAt + stride + THIRD);
        s2d.intoArray(y, yAt + stride + LAST);
        s3a.intoArray(y, yAt + 2 * stride);
        s3b.intoArray(y, yAt + 2 * stride + COUNT);
        s3c.intoArray(y, yAt + 2 * stride + THIRD);
        s3d.intoArray(y, yAt + 2 * stride + LAST);
        s4a.intoArray(y, yAt + 3 * stride);
        s4b.intoArray(y, yAt + 3 * stride + COUNT);
        s4c.intoArray(y, yAt + 3 * stride + THIRD);
        s4d.intoArray(y, yAt + 3 * stride + LAST);
    }
}
