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
        private short[] bits = new short[0];
        private float[] floats = new float[0];
        private int[] rows = new int[0];
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
        int ints = DotRows.padded(rows.inputs()) / 2 * DotKernel.PANEL;
        Packing packing = PACKINGS.get();
        packing.pairs = packing.pairs.length == ints ? packing.pairs : new int[ints];
        if (from.isBfloat16()) {
            packBits(from, first, outputs, packing);
        } else {
            packFloats(from, first, outputs, packing);
        }
        windows[number / panelsOfWindow].put(number % panelsOfWindow * ints, packing.pairs, 0, ints);
    }

    /** Turns 16 rows of bfloat16 into pairs of inputs, output beside output. */
    private void packBits(StackedRows from, int first, int outputs, Packing packing) {
        int inputs = rows.inputs();
        int padded = DotRows.padded(inputs);
        if (packing.bits.length != DotKernel.PANEL * padded) {
            packing.bits = new short[DotKernel.PANEL * padded];
        }
        short[] bits = packing.bits;
        for (int output = 0; output < DotKernel.PANEL; output++) {
            int at = output * padded;
            if (output < outputs) {
                from.read(first + output, bits, at);
                Arrays.fill(bits, at + inputs, at + padded, (short) 0);
            } else {
                Arrays.fill(bits, at, at + padded, (short) 0);
            }
        }
        for (int group = 0; group < padded; group += DotKernel.GROUP) {
            int to = group / 2 * DotKernel.PANEL;
            for (int output = 0; output < DotKernel.PANEL; output++) {
                int at = output * padded + group;
                for (int i = 0; i < DotRows.APART; i++) {
                    packing.pairs[to + i * DotKernel.PANEL + output] =
                            bits[at + i] & 0xffff | bits[at + DotRows.APART + i] << 16;
                }
            }
        }
    }

    /** The same from float32: rounded and paired row by row on vectors, then transposed. */
    private void packFloats(StackedRows from, int first, int outputs, Packing packing) {
        int inputs = rows.inputs();
        int half = DotRows.padded(inputs) / 2;
        if (packing.floats.length != DotKernel.PANEL * inputs || packing.rows.length != DotKernel.PANEL * half) {
            packing.floats = new float[DotKernel.PANEL * inputs];
            packing.rows = new int[DotKernel.PANEL * half];
        }
        from.read(first, outputs, packing.floats);
        for (int output = 0; output < outputs; output++) {
            Lanes.pack(packing.floats, output * inputs, inputs, packing.rows, output * half);
        }
        Arrays.fill(packing.rows, outputs * half, DotKernel.PANEL * half, 0);
        for (int group = 0; group < half; group += DotRows.APART) {
            for (int output = 0; output < DotKernel.PANEL; output++) {
                int at = output * half + group;
                int to = group * DotKernel.PANEL + output;
                for (int i = 0; i < DotRows.APART; i++) {
                    packing.pairs[to + i * DotKernel.PANEL] = packing.rows[at + i];
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
