package dev.respec.model.vector;

import dev.respec.model.machine.Call;
import dev.respec.model.machine.DotKernel;
import dev.respec.model.machine.NativeArena;
import dev.respec.model.machine.NativeFloats;
import java.util.Arrays;

/** A weight matrix in bfloat16 as dot products read it, and its products. */
final class Panels {
    private static final ThreadLocal<Result> RESULTS = ThreadLocal.withInitial(Result::new);

    private final DotRows rows;
    private final int count;
    private final int[] panel;
    private final long panelBytes;
    private final DotKernel kernel;
    private final NativeArena.Slice weights;

    /** Where a thread's part of a product comes out. */
    static final class Result {
        private final Call call = new Call();
        private final NativeFloats sums = new NativeFloats();
        private float[] row = new float[0];

        Call call() {
            return call;
        }

        NativeFloats sums() {
            return sums;
        }

        /** A part of the sums, valid until the next. */
        float[] read(int from, int count) {
            row = Scratch.atLeast(row, count);
            sums.floats().get(from, row, 0, count);
            return row;
        }
    }

    /** @param count panels */
    Panels(DotRows rows, int count, NativeArena arena) {
        int padded = DotRows.padded(rows.inputs());
        this.rows = rows;
        this.count = count;
        this.panel = new int[padded / 2 * DotKernel.PANEL];
        this.panelBytes = DotKernel.panelBytes(padded);
        this.kernel = new DotKernel(padded, rows.rowBytes());
        this.weights = arena.allocate(count * panelBytes);
    }

    static int panels(int outputs) {
        return (outputs + DotKernel.PANEL - 1) / DotKernel.PANEL;
    }

    int count() {
        return count;
    }

    /**
     * Sets the outputs of one panel, each value rounded to the nearest bfloat16.
     *
     * @param matrix [rows, in] row-major
     * @param first row of the panel's first output
     * @param outputs how many the panel has of this matrix; the others become zero
     */
    void set(int number, float[] matrix, int first, int outputs) {
        int inputs = rows.inputs();
        Arrays.fill(panel, 0);
        for (int output = 0; output < outputs; output++) {
            int from = (first + output) * inputs;
            for (int pair = 0; pair < panel.length / DotKernel.PANEL; pair++) {
                int low = DotRows.first(pair);
                int high = low + DotRows.APART;
                panel[pair * DotKernel.PANEL + output] =
                        DotRows.pair(low < inputs ? matrix[from + low] : 0, high < inputs ? matrix[from + high] : 0);
            }
        }
        weights.write(number * panelBytes, panel, 0, panel.length);
    }

    /** All rows times some panels: [rows, panels * 16] of this thread, valid until its next product. */
    Result multiply(int rowCount, int from, int to) {
        Result result = RESULTS.get();
        result.sums.reserve(rowCount * (to - from) * DotKernel.PANEL);
        kernel.multiply(
                result.call,
                weights.address(from * panelBytes),
                to - from,
                rows.address(),
                rowCount,
                result.sums.address());
        return result;
    }
}
