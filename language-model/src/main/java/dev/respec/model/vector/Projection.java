package dev.respec.model.vector;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/** One linear map of the model: few rows on vectors, many in the native library. */
final class Projection {
    /** Most rows for which vectors are faster than the native library, alone and with helpers; docs/decisions/015. */
    private static final int FEW_ROWS = 8;

    private static final int FEW_ROWS_TOGETHER = 20;
    /** Parts of a job a thread, so that one that is held back leaves work to the others. */
    private static final int PARTS_A_THREAD = 4;
    /** Most rows for which reading takes the time: parts are neighbouring blocks, so that reading goes on. */
    private static final int ROWS_READ = 2;

    private static final int ROWS_OF_A_PIECE = 4;

    private final Bfloat16Matrix matrix;
    private final ManyRows many;
    private int number = -1;

    Projection(int outputs, int inputs, ManyRows many) {
        this.matrix = new Bfloat16Matrix(outputs, inputs);
        this.many = many;
    }

    int stride() {
        return matrix.stride();
    }

    /** Takes new weights: [out, in] row-major, matrices one below the other. Call in the same order after every begin. */
    void adopt(NDManager scope, float[]... weights) {
        adoptFew(weights);
        float[] all = new float[matrix.outputs() * matrix.inputs()];
        int at = 0;
        for (float[] part : weights) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        number = many.add(scope.create(all, new Shape(matrix.outputs(), matrix.inputs())));
    }

    /** As {@link #adopt}, where many rows are somebody else's work. */
    void adoptFew(float[]... weights) {
        int first = 0;
        for (float[] part : weights) {
            matrix.set(part, first);
            first += part.length / matrix.inputs();
        }
        if (first != matrix.outputs()) {
            throw new IllegalArgumentException("expected " + matrix.outputs() + " rows of weights, got " + first);
        }
    }

    /** Whether so many rows are for the native library. */
    static boolean many(Team team, int rows) {
        return rows > (team.size() == 1 ? FEW_ROWS : FEW_ROWS_TOGETHER);
    }

    /**
     * y = x W^T.
     *
     * @param x [rows, in]
     * @param y receives [rows, stride()]
     */
    void apply(Team team, float[] x, int rows, float[] y) {
        if (many(team, rows)) {
            many.multiply(x, rows, matrix.inputs(), y, matrix.outputs(), matrix.stride(), number);
            return;
        }
        int blocks = matrix.blocks();
        if (team.size() == 1) {
            matrix.multiply(x, 0, rows, y, 0, blocks);
        } else if (rows <= ROWS_READ) {
            int parts = Math.min(blocks, team.size() * PARTS_A_THREAD);
            team.run(parts, part -> matrix.multiply(x, 0, rows, y, blocks * part / parts, blocks * (part + 1) / parts));
        } else {
            // the last blocks in pieces of few rows, so that threads end together
            int whole = Math.max(0, blocks - team.size());
            int pieces = (rows + ROWS_OF_A_PIECE - 1) / ROWS_OF_A_PIECE;
            team.run(whole + (blocks - whole) * pieces, part -> {
                if (part < whole) {
                    matrix.multiply(x, 0, rows, y, part, part + 1);
                } else {
                    int block = whole + (part - whole) / pieces;
                    int from = (part - whole) % pieces * ROWS_OF_A_PIECE;
                    matrix.multiply(x, from, Math.min(rows, from + ROWS_OF_A_PIECE), y, block, block + 1);
                }
            });
        }
    }
}
