package dev.respec.model.machine;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Machine code for float32 matrix products: result [rows, columns] = start + left [rows, depth] times right [depth, columns].
 *
 * <p>A tile of twelve rows and 32 columns stays in registers while the depth is gone through. The left matrix is read float
 * by float, so it may lie transposed; the right one by vectors, 32 columns (a panel) after the other.
 */
public final class ProductKernel {
    /** Columns of a panel. */
    public static final int PANEL = 32;
    /** Bytes of a panel's row, and from one panel to the next in a matrix that lies row after row. */
    public static final int PANEL_BYTES = PANEL * Float.BYTES;
    /** As {@link Strides#startRow}: the result begins at zero. */
    public static final int FROM_ZERO = -1;

    private static final int TILE_ROWS = 12;
    private static final int VECTOR = 16;
    private static final int VECTOR_BYTES = VECTOR * Float.BYTES;
    private static final int RIGHT = 24;
    private static final int FACTOR = 26;
    private static final int FACTORS = 4;

    private static final int LEFT_AT = 0;
    private static final int RIGHT_AT = 8;
    private static final int RESULT_AT = 16;
    private static final int START_AT = 24;
    private static final int DEPTH_AT = 32;
    private static final int TILES_AT = 40;
    private static final int PANELS_AT = 48;
    private static final int PANEL_BYTES_AT = 56;

    private static final Map<Shape, Long> FUNCTIONS = new ConcurrentHashMap<>();

    private final Strides strides;
    private final long[][] functions = new long[TILE_ROWS + 1][PANEL + 1];

    /**
     * How the matrices lie, in bytes.
     *
     * @param leftRow from one row of the left matrix to the next
     * @param leftStep from one float of its row to the next
     * @param rightStep from one row of the right matrix to the next
     * @param resultRow from one row of the result to the next
     * @param startRow from one row of what the result begins with to the next; 0 for one row that all begin with
     */
    public record Strides(int leftRow, int leftStep, int rightStep, int resultRow, int startRow) {}

    /** Numbers of rows, columns and of the products that each number of the result is the sum of. */
    public record Size(int rows, int columns, int depth) {}

    /** The right matrix: where it begins, and bytes from one panel to the next. */
    public record Panels(long address, long bytes) {
        /** Panels of a matrix that lies row after row. */
        public static Panels of(long address) {
            return new Panels(address, PANEL_BYTES);
        }
    }

    private record Shape(Strides strides, int rows, int columns) {
        int vectors() {
            return (columns + VECTOR - 1) / VECTOR;
        }

        int tail() {
            return columns % VECTOR;
        }

        boolean starts() {
            return strides.startRow != FROM_ZERO;
        }
    }

    public ProductKernel(Strides strides) {
        this.strides = strides;
    }

    /** @param start address of what the result begins with, which may be the result; unused from zero */
    public void multiply(CallList calls, Size size, long left, Panels right, long result, long start) {
        int whole = size.columns / PANEL;
        int rest = size.columns % PANEL;
        if (whole > 0) {
            tiles(calls, size, new Part(whole, PANEL, right.address, right.bytes, 0), left, result, start);
        }
        if (rest > 0) {
            long skipped = (long) whole * PANEL_BYTES;
            Part part = new Part(1, rest, right.address + whole * right.bytes, right.bytes, skipped);
            tiles(calls, size, part, left, result, start);
        }
    }

    /** Panels of the same number of columns, and bytes of a result's row before them. */
    private record Part(int panels, int columns, long right, long panelBytes, long skipped) {}

    private void tiles(CallList calls, Size size, Part part, long left, long result, long start) {
        int tiles = size.rows / TILE_ROWS;
        int rest = size.rows % TILE_ROWS;
        if (tiles > 0) {
            call(calls, TILE_ROWS, tiles, size.depth, part, new long[] {left, result, start});
        }
        if (rest > 0) {
            long done = (long) tiles * TILE_ROWS;
            long[] below = {
                left + done * strides.leftRow, result + done * strides.resultRow, start + done * strides.startRow
            };
            call(calls, rest, 1, size.depth, part, below);
        }
    }

    private void call(CallList calls, int rows, int tiles, int depth, Part part, long[] places) {
        calls.add(
                function(rows, part.columns),
                places[0],
                part.right,
                places[1] + part.skipped,
                places[2] + part.skipped,
                depth,
                tiles,
                part.panels,
                part.panelBytes);
    }

    private long function(int rows, int columns) {
        if (functions[rows][columns] == 0) {
            functions[rows][columns] =
                    FUNCTIONS.computeIfAbsent(new Shape(strides, rows, columns), ProductKernel::compile);
        }
        return functions[rows][columns];
    }

    private static long compile(Shape shape) {
        var code = new Assembler();
        Register left = Register.RSI;
        Register result = Register.RCX;
        Register start = Register.R8;
        Register tiles = Register.R9;
        Register panels = Register.R11;
        if (shape.tail() > 0) {
            code.setMask((1 << shape.tail()) - 1);
        }
        code.load(panels, Register.RDI, PANELS_AT);
        int panel = code.here();
        code.load(left, Register.RDI, LEFT_AT);
        code.load(result, Register.RDI, RESULT_AT);
        code.load(start, Register.RDI, START_AT);
        code.load(tiles, Register.RDI, TILES_AT);
        int tile = code.here();
        begin(code, shape, start);
        sum(code, shape, left);
        store(code, shape, result);
        code.add(left, shape.rows * shape.strides.leftRow);
        code.add(result, shape.rows * shape.strides.resultRow);
        code.add(start, shape.rows * shape.strides.startRow);
        code.repeat(tiles, tile);
        nextPanel(code);
        code.repeat(panels, panel);
        code.returnToCaller();
        return MachineCode.address(code);
    }

    private static void begin(Assembler code, Shape shape, Register start) {
        for (int row = 0; row < shape.rows; row++) {
            for (int vector = 0; vector < shape.vectors(); vector++) {
                int sum = row * shape.vectors() + vector;
                if (shape.starts()) {
                    load(code, shape, sum, vector, start, row * shape.strides.startRow);
                } else {
                    code.zero(sum);
                }
            }
        }
    }

    /** Adds the products, going through the depth. */
    private static void sum(Assembler code, Shape shape, Register tileLeft) {
        Register right = Register.RDX;
        Register depth = Register.RAX;
        Register left = Register.R10;
        code.load(right, Register.RDI, RIGHT_AT);
        code.load(depth, Register.RDI, DEPTH_AT);
        code.move(left, tileLeft);
        int step = code.here();
        for (int vector = 0; vector < shape.vectors(); vector++) {
            load(code, shape, RIGHT + vector, vector, right, 0);
        }
        for (int row = 0; row < shape.rows; row++) {
            int factor = FACTOR + row % FACTORS;
            code.broadcast(factor, left, row * shape.strides.leftRow);
            for (int vector = 0; vector < shape.vectors(); vector++) {
                code.apply(Operation.ADD_PRODUCT, row * shape.vectors() + vector, factor, RIGHT + vector);
            }
        }
        code.add(right, shape.strides.rightStep);
        code.add(left, shape.strides.leftStep);
        code.repeat(depth, step);
    }

    private static void store(Assembler code, Shape shape, Register result) {
        for (int row = 0; row < shape.rows; row++) {
            for (int vector = 0; vector < shape.vectors(); vector++) {
                int sum = row * shape.vectors() + vector;
                int at = row * shape.strides.resultRow + vector * VECTOR_BYTES;
                if (isMasked(shape, vector)) {
                    code.storeMasked(sum, result, at);
                } else {
                    code.storeVector(sum, result, at);
                }
            }
        }
    }

    private static void load(Assembler code, Shape shape, int to, int vector, Register base, int offset) {
        if (isMasked(shape, vector)) {
            code.loadMasked(to, base, offset + vector * VECTOR_BYTES);
        } else {
            code.loadVector(to, base, offset + vector * VECTOR_BYTES);
        }
    }

    private static boolean isMasked(Shape shape, int vector) {
        return shape.tail() > 0 && vector == shape.vectors() - 1;
    }

    private static void nextPanel(Assembler code) {
        Register value = Register.R10;
        Register distance = Register.RAX;
        code.load(value, Register.RDI, RIGHT_AT);
        code.load(distance, Register.RDI, PANEL_BYTES_AT);
        code.add(value, distance);
        code.store(value, Register.RDI, RIGHT_AT);
        for (int at : new int[] {RESULT_AT, START_AT}) {
            code.load(value, Register.RDI, at);
            code.add(value, PANEL_BYTES);
            code.store(value, Register.RDI, at);
        }
    }
}
