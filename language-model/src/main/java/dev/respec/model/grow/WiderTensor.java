package dev.respec.model.grow;

import dev.respec.model.checkpoint.HostTensor;
import java.util.SplittableRandom;

/** Tensors with their old values at chosen rows and columns of larger ones. */
final class WiderTensor {
    private static final double DEVIATION = 0.02;

    private final SplittableRandom random;

    WiderTensor(SplittableRandom random) {
        this.random = random;
    }

    /** What the new rows and columns hold. */
    enum Fill {
        /** Nothing: what they would write must not reach the residual stream. */
        ZERO,
        /** Small random numbers in new rows and columns alike: whatever they compute is multiplied by zero. */
        RANDOM,
        /** Random in new columns, which only read zeros, zero in new rows. */
        RANDOM_COLUMNS
    }

    /**
     * A matrix [rows, columns].
     *
     * @param old [old rows, old columns]
     * @param rows old row of each new row
     * @param columns old column of each new column
     * @param scale factor on old values
     */
    HostTensor matrix(HostTensor old, int[] rows, int[] columns, Fill fill, double scale) {
        float[] from = old.toFloats();
        int width = (int) old.shape()[1];
        float[] values = new float[Math.multiplyExact(rows.length, columns.length)];
        int at = 0;
        for (int row : rows) {
            for (int column : columns) {
                values[at++] = row != HeadPlacement.NONE && column != HeadPlacement.NONE
                        ? (float) (scale * from[row * width + column])
                        : filling(fill, row == HeadPlacement.NONE);
            }
        }
        return HostTensor.ofFloats(values, rows.length, columns.length);
    }

    private float filling(Fill fill, boolean newRow) {
        return fill == Fill.ZERO || (fill == Fill.RANDOM_COLUMNS && newRow) ? 0 : small();
    }

    /** A vector with old values times a factor, and one value elsewhere. */
    static HostTensor vector(HostTensor old, int[] places, double scale, double elsewhere) {
        float[] from = old.toFloats();
        float[] values = new float[places.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (places[i] == HeadPlacement.NONE ? elsewhere : scale * from[places[i]]);
        }
        return HostTensor.ofFloats(values, values.length);
    }

    private float small() {
        return (float) (DEVIATION * random.nextGaussian());
    }
}
