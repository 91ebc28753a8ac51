package dev.respec.model.vector;

import dev.respec.model.checkpoint.RopeConfig;

/** Rotary position embedding over split halves: pair j of a head is (j, j + dimension/2). */
final class Rotation {
    private final int half;
    private final float[] cosines;
    private final float[] sines;

    Rotation(RopeConfig rope, int headDimension, int positions) {
        this(rope.inverseFrequencies(headDimension), rope.attentionFactor(), positions);
    }

    /**
     * @param frequencies radians per position, one per pair
     * @param magnitude factor on everything turned
     */
    Rotation(float[] frequencies, double magnitude, int positions) {
        this.half = frequencies.length;
        this.cosines = new float[Math.multiplyExact(positions, half)];
        this.sines = new float[positions * half];
        for (int i = 0; i < cosines.length; i++) {
            float angle = i / half * frequencies[i % half];
            cosines[i] = (float) (Math.cos(angle) * magnitude);
            sines[i] = (float) (Math.sin(angle) * magnitude);
        }
    }

    /** Turns and scales heads that lie one behind the other. */
    void turn(float[] x, int from, int heads, int position, float scale) {
        int turn = position * half;
        for (int head = 0, at = from; head < heads; head++, at += 2 * half) {
            for (int i = 0; i < half; i++) {
                float cosine = cosines[turn + i] * scale;
                float sine = sines[turn + i] * scale;
                float left = x[at + i];
                float right = x[at + half + i];
                x[at + i] = left * cosine - right * sine;
                x[at + half + i] = right * cosine + left * sine;
            }
        }
    }
}
