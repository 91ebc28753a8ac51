package dev.respec.model.vector;

/** Rows on their way through a layer; grows to the largest step and is reused from layer to layer. */
final class Scratch {
    private float[] wide = new float[0];
    private float[] mixed = new float[0];
    private float[] attended = new float[0];

    float[] wide(int count) {
        return wide = atLeast(wide, count);
    }

    float[] mixed(int count) {
        return mixed = atLeast(mixed, count);
    }

    float[] attended(int count) {
        return attended = atLeast(attended, count);
    }

    static float[] atLeast(float[] array, int count) {
        return array.length >= count ? array : new float[count];
    }
}
