package dev.respec.model.vector;

/** Rows as products on vectors read them: float32, one behind the other. */
final class VectorRows implements Rows {
    private final int inputs;
    private float[] values = new float[0];

    VectorRows(int inputs) {
        this.inputs = inputs;
    }

    int inputs() {
        return inputs;
    }

    /** [rows, inputs]. */
    float[] values() {
        return values;
    }

    @Override
    public void reserve(int count) {
        values = Scratch.atLeast(values, Math.multiplyExact(count, inputs));
    }

    @Override
    public void put(int row, float[] x, int at) {
        System.arraycopy(x, at, values, row * inputs, inputs);
    }

    @Override
    public void norm(int row, float[] x, int at, float[] weight, double epsilon) {
        Lanes.rmsNorm(x, at, weight, epsilon, values, row * inputs);
    }
}
