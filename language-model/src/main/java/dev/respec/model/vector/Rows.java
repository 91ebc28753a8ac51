package dev.respec.model.vector;

/** Rows that products take in, of one step at a time; a row belongs to one thread while it is put. */
interface Rows {
    /** Room for so many; with no product under way. */
    void reserve(int count);

    /** Takes a row as it is. */
    void put(int row, float[] x, int at);

    /** Takes a row's norm: x[i] * weight[i] / sqrt(mean(x^2) + epsilon). */
    void norm(int row, float[] x, int at, float[] weight, double epsilon);
}
