package dev.respec.model.vector;

import dev.respec.model.checkpoint.HostTensor;
import java.nio.ByteBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Embeddings [V, hidden] in bfloat16, looked up row by row; in windows, because one buffer holds less than 2 GiB. */
final class EmbeddingTable {
    private static final int WINDOW_BYTES = 1 << 30;
    /** Rows that a thread copies at once. */
    private static final int PIECE_BYTES = 4 << 20;

    private final int width;
    private final int rowsOfWindow;
    private final ShortBuffer[] windows;
    /** What the table holds; tensors do not change. */
    private @Nullable HostTensor held;

    EmbeddingTable(int rows, int width, Products products) {
        this.width = width;
        this.rowsOfWindow = WINDOW_BYTES / (width * Short.BYTES);
        int rowBytes = width * Short.BYTES;
        this.windows = Arrays.stream(products.memory((long) rows * rowBytes, rowsOfWindow * rowBytes))
                .map(ByteBuffer::asShortBuffer)
                .toArray(ShortBuffer[]::new);
    }

    /** Takes new rows, each value rounded to the nearest bfloat16. */
    void adopt(HostTensor rows, Team team) {
        if (held == rows) {
            return;
        }
        var source = new StackedRows(width, rows);
        held = null;
        int count = Math.toIntExact(rows.shape()[0]);
        team.pieces(count, Math.max(1, PIECE_BYTES / (width * Short.BYTES)), (from, to) -> {
            short[] row = new short[width];
            for (int i = from; i < to; i++) {
                source.read(i, row, 0);
                windows[i / rowsOfWindow].put(i % rowsOfWindow * width, row);
            }
            source.release(from, to);
        });
        held = rows;
    }

    void read(int row, float[] to, int at) {
        ShortBuffer window = windows[row / rowsOfWindow];
        int from = row % rowsOfWindow * width;
        for (int i = 0; i < width; i++) {
            to[at + i] = Float.intBitsToFloat(window.get(from + i) << 16);
        }
    }

    /** Before its memory goes: reading fails from now on. */
    void close() {
        Arrays.fill(windows, ShortBuffer.allocate(0));
    }
}
