package dev.respec.controller;

/** Linear algebra of a few unknowns. */
final class Matrices {
    private Matrices() {}

    /** Of a symmetric positive definite matrix, by Gauss-Jordan elimination with row pivots. */
    static double[][] inverse(double[][] matrix) {
        int size = matrix.length;
        double[][] left = new double[size][];
        double[][] inverse = new double[size][size];
        for (int i = 0; i < size; i++) {
            left[i] = matrix[i].clone();
            inverse[i][i] = 1;
        }
        for (int column = 0; column < size; column++) {
            int pivot = column;
            for (int row = column + 1; row < size; row++) {
                pivot = Math.abs(left[row][column]) > Math.abs(left[pivot][column]) ? row : pivot;
            }
            swap(left, column, pivot);
            swap(inverse, column, pivot);
            double by = left[column][column];
            for (int i = 0; i < size; i++) {
                left[column][i] /= by;
                inverse[column][i] /= by;
            }
            for (int row = 0; row < size; row++) {
                double times = row == column ? 0 : left[row][column];
                for (int i = 0; i < size; i++) {
                    left[row][i] -= times * left[column][i];
                    inverse[row][i] -= times * inverse[column][i];
                }
            }
        }
        return inverse;
    }

    private static void swap(double[][] rows, int one, int other) {
        double[] kept = rows[one];
        rows[one] = rows[other];
        rows[other] = kept;
    }
}
