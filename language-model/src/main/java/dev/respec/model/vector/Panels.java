package dev.respec.model.vector;

import dev.respec.model.machine.Call;
import dev.respec.model.machine.DotKernel;
import dev.respec.model.machine.NativeArena;
import dev.respec.model.machine.NativeFloats;
import java.nio.IntBuffer;
import java.util.Arrays;

/** A weight matrix in bfloat16 as dot products read it, and its products. */
final class Panels {
    private static final long WINDOW_BYTES = 1 << 30;
    /** Weights that a thread packs at once. */
    private static final int PIECE_BYTES = 4 << 20;

    private static final ThreadLocal<Result> RESULTS = ThreadLocal.withInitial(Result::new);
    private static final ThreadLocal<Packing> PACKINGS = ThreadLocal.withInitial(Packing::new);

    private final DotRows rows;
    private final int count;
    private final long panelBytes;
    private final DotKernel kernel;
    private final NativeArena.Slice weights;
    /** The weights as Java writes and reads them; one buffer holds less than 2 GiB. */
    private final IntBuffer[] windows;

    private final int panelsOfWindow;

    /** A panel on its way from rows to pairs. */
    private static final class Packing {
        private short[] rows = new short[0];
        private int[] pairs = new int[0];
    }

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
        this.panelBytes = DotKernel.panelBytes(padded);
        this.kernel = new DotKernel(padded, rows.rowBytes());
        this.weights = arena.allocate(count * panelBytes);
        this.panelsOfWindow = (int) Math.max(1, WINDOW_BYTES / panelBytes);
        this.windows = new IntBuffer[(count + panelsOfWindow - 1) / panelsOfWindow];
        Arrays.setAll(windows, i -> {
            long panels = Math.min(panelsOfWindow, count - (long) i * panelsOfWindow);
            return weights.bytes((long) i * panelsOfWindow * panelBytes, Math.toIntExact(panels * panelBytes))
                    .asIntBuffer();
        });
    }

    static int panels(int outputs) {
        return (outputs + DotKernel.PANEL - 1) / DotKernel.PANEL;
    }

    int count() {
        return count;
    }

    /** Panels that a thread packs at once. */
    int panelsOfPiece() {
        return (int) Math.max(1, PIECE_BYTES / panelBytes);
    }

    /**
     * Sets the outputs of one panel. Threads may set different panels.
     *
     * @param first row of the panel's first output
     * @param outputs how many the panel has; the others become zero
     */
    void set(int number, StackedRows from, int first, int outputs) {
        int inputs = rows.inputs();
        int padded = DotRows.padded(inputs);
        Packing packing = PACKINGS.get();
        int ints = padded / 2 * DotKernel.PANEL;
        if (packing.rows.length != DotKernel.PANEL * padded) {
            packing.rows = new short[DotKernel.PANEL * padded];
            packing.pairs = new int[ints];
        }
        for (int output = 0; output < DotKernel.PANEL; output++) {
            int at = output * padded;
            if (output < outputs) {
                from.read(first + output, packing.rows, at);
                Arrays.fill(packing.rows, at + inputs, at + padded, (short) 0);
            } else {
                Arrays.fill(packing.rows, at, at + padded, (short) 0);
            }
        }
        pack(packing.rows, padded, packing.pairs);
        windows[number / panelsOfWindow].put(number % panelsOfWindow * ints, packing.pairs, 0, ints);
    }

    /** Turns 16 rows into pairs of inputs, output beside output. */
    private static void pack(short[] rows, int padded, int[] pairs) {
        for (int group = 0; group < padded; group += DotKernel.GROUP) {
            int to = group / 2 * DotKernel.PANEL;
            for (int output = 0; output < DotKernel.PANEL; output++) {
                int at = output * padded + group;
                for (int i = 0; i < DotRows.APART; i++) {
                    pairs[to + i * DotKernel.PANEL + output] =
                            rows[at + i] & 0xffff | rows[at + DotRows.APART + i] << 16;
                }
            }
        }
    }

    /** The weights of one output. */
    void get(int output, float[] to, int at) {
        weights.address(0); // fails when the memory is gone
        int number = output / DotKernel.PANEL;
        IntBuffer window = windows[number / panelsOfWindow];
        int inputs = rows.inputs();
        int from = number % panelsOfWindow * (DotRows.padded(inputs) / 2 * DotKernel.PANEL) + output % DotKernel.PANEL;
        for (int first = 0; first < inputs; first += DotKernel.GROUP) {
            for (int i = 0; i < DotRows.APART; i++, from += DotKernel.PANEL) {
                int pair = window.get(from);
                if (first + i < inputs) {
                    to[at + first + i] = Float.intBitsToFloat(pair << 16);
                }
                if (first + DotRows.APART + i < inputs) {
                    to[at + first + DotRows.APART + i] = Float.intBitsToFloat(pair & 0xffff0000);
                }
            }
        }
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
