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
 * Passes of one and two rows over one block of a {@link Bfloat16Matrix} that is two vectors wide, for processors with 16
 * vector registers: all sums stay in them, and each sum waits for no other.
 */
final class NarrowPasses {
    private NarrowPasses() {}

    static void one(int[] w, int from, int count, float[] x, int xAt, float[] y, int yAt) {
        FloatVector sa = FloatVector.zero(FLOATS);
        FloatVector sb = sa;
        FloatVector ta = sa;
        FloatVector tb = sa;
        for (int i = 0, at = from; i < count; i += 2, at += BLOCK) {
            var la = IntVector.fromArray(INTS, w, at).lanewise(LSHL, 16).reinterpretAsFloats();
            var lb = IntVector.fromArray(INTS, w, at + COUNT).lanewise(LSHL, 16).reinterpretAsFloats();
            var ha = IntVector.fromArray(INTS, w, at).and(HIGH).reinterpretAsFloats();
            var hb = IntVector.fromArray(INTS, w, at + COUNT).and(HIGH).reinterpretAsFloats();
            FloatVector u = FloatVector.broadcast(FLOATS, x[xAt + i]);
            FloatVector v = FloatVector.broadcast(FLOATS, x[xAt + i + 1]);
            sa = la.fma(u, sa);
            ta = ha.fma(v, ta);
            sb = lb.fma(u, sb);
            tb = hb.fma(v, tb);
        }
        sa.add(ta).intoArray(y, yAt);
        sb.add(tb).intoArray(y, yAt + COUNT);
    }

    static void two(int[] w, int from, int count, float[] x, int xAt, float[] y, int yAt, int stride) {
        FloatVector s1a = FloatVector.zero(FLOATS);
        FloatVector s1b = s1a;
        FloatVector t1a = s1a;
        FloatVector t1b = s1a;
        FloatVector s2a = s1a;
        FloatVector s2b = s1a;
        FloatVector t2a = s1a;
        FloatVector t2b = s1a;
        for (int i = 0, at = from; i < count; i += 2, at += BLOCK) {
            var la = IntVector.fromArray(INTS, w, at).lanewise(LSHL, 16).reinterpretAsFloats();
            var lb = IntVector.fromArray(INTS, w, at + COUNT).lanewise(LSHL, 16).reinterpretAsFloats();
            var ha = IntVector.fromArray(INTS, w, at).and(HIGH).reinterpretAsFloats();
            var hb = IntVector.fromArray(INTS, w, at + COUNT).and(HIGH).reinterpretAsFloats();
            FloatVector u = FloatVector.broadcast(FLOATS, x[xAt + i]);
            FloatVector v = FloatVector.broadcast(FLOATS, x[xAt + i + 1]);
            s1a = la.fma(u, s1a);
            t1a = ha.fma(v, t1a);
            s1b = lb.fma(u, s1b);
            t1b = hb.fma(v, t1b);
            u = FloatVector.broadcast(FLOATS, x[xAt + count + i]);
            v = FloatVector.broadcast(FLOATS, x[xAt + count + i + 1]);
            s2a = la.fma(u, s2a);
            t2a = ha.fma(v, t2a);
            s2b = lb.fma(u, s2b);
            t2b = hb.fma(v, t2b);
        }
        s1a.add(t1a).intoArray(y, yAt);
        s1b.add(t1b).intoArray(y, yAt + COUNT);
        s2a.add(t2a).intoArray(y, yAt + stride);
        s2b.add(t2b).intoArray(y, yAt + stride + COUNT);
    }
}
