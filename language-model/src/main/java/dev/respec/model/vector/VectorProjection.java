package dev.respec.model.vector;

import dev.respec.model.checkpoint.HostTensor;
import org.jspecify.annotations.Nullable;

/** A linear map on vectors: few rows here, in float32, many in the native library. */
final class VectorProjection implements Projection {
    /** Most rows for which vectors are faster than the native library, alone and with helpers; docs/decisions/011. */
    private static final int FEW_ROWS = 8;

    private static final int FEW_ROWS_TOGETHER = 20;
    /** Parts of a job per thread, so that one that is held back leaves work to the others. */
    private static final int PARTS_A_THREAD = 4;
    /** Most rows for which reading takes the time: parts are neighbouring blocks, so that reading goes on. */
    private static final int ROWS_READ = 2;

    private static final int ROWS_OF_A_PIECE = 4;

    private final VectorRows rows;
    private final Bfloat16Matrix matrix;
    private final Team team;
    private final @Nullable ManyRows many;
    private float[] product = new float[0];
    private int number = -1;

    /** @param many null if many rows are somebody else's work */
    VectorProjection(int outputs, VectorRows rows, Team team, @Nullable ManyRows many) {
        this.rows = rows;
        this.matrix = new Bfloat16Matrix(outputs, rows.inputs());
        this.team = team;
        this.many = many;
    }

    @Override
    public int stride() {
        return matrix.stride();
    }

    @Override
    public void adopt(HostTensor... weights) {
        matrix.set(new StackedRows(matrix.inputs(), weights));
        if (many != null) {
            number = many.add(matrix.outputs(), weights);
        }
    }

    @Override
    public void weights(int output, float[] to, int at) {
        matrix.get(output, to, at);
    }

    /** Whether so many rows are for the native library. */
    static boolean many(Team team, int rows) {
        return rows > (team.size() == 1 ? FEW_ROWS : FEW_ROWS_TOGETHER);
    }

    @Override
    public void addTo(int count, float[] sums) {
        product = Scratch.atLeast(product, count * stride());
        apply(count, product);
        int outputs = matrix.outputs();
        team.each(count, row -> Lanes.add(sums, row * outputs, product, row * stride(), outputs));
    }

    @Override
    public void apply(int count, float[] y) {
        float[] x = rows.values();
        if (many != null && many(team, count)) {
            many.multiply(x, count, matrix.inputs(), y, matrix.outputs(), matrix.stride(), number);
            return;
        }
        int blocks = matrix.blocks();
        if (team.size() == 1) {
            matrix.multiply(x, 0, count, y, 0, blocks);
        } else if (count <= ROWS_READ) {
            int parts = Math.min(blocks, team.size() * PARTS_A_THREAD);
            team.run(
                    parts, part -> matrix.multiply(x, 0, count, y, blocks * part / parts, blocks * (part + 1) / parts));
        } else {
            // the last blocks in pieces of few rows, so that threads end together
            int whole = Math.max(0, blocks - team.size());
            int pieces = (count + ROWS_OF_A_PIECE - 1) / ROWS_OF_A_PIECE;
            team.run(whole + (blocks - whole) * pieces, part -> {
                if (part < whole) {
                    matrix.multiply(x, 0, count, y, part, part + 1);
                } else {
                    int block = whole + (part - whole) / pieces;
                    int from = (part - whole) % pieces * ROWS_OF_A_PIECE;
                    matrix.multiply(x, from, Math.min(count, from + ROWS_OF_A_PIECE), y, block, block + 1);
                }
            });
        }
    }
}
