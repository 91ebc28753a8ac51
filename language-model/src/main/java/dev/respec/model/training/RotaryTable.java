package dev.respec.model.training;

import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.machine.NativeFloats;

/** Cosines and sines of rotary positions, [positions, dimension / 2] each; grown as needed. */
final class RotaryTable {
    private final float[] frequencies;
    private final double factor;
    private final NativeFloats cosines = new NativeFloats();
    private final NativeFloats sines = new NativeFloats();
    private int positions;

    RotaryTable(ModelConfig config) {
        frequencies = config.rope().inverseFrequencies(config.headDimension());
        factor = config.rope().attentionFactor();
    }

    /** Makes room for so many positions; addresses of before are no longer valid. */
    void reserve(int count) {
        if (count <= positions) {
            return;
        }
        positions = count;
        cosines.reserve(count * frequencies.length);
        sines.reserve(count * frequencies.length);
        for (int position = 0; position < count; position++) {
            for (int i = 0; i < frequencies.length; i++) {
                float angle = position * frequencies[i];
                int at = position * frequencies.length + i;
                cosines.floats().put(at, (float) (Math.cos(angle) * factor));
                sines.floats().put(at, (float) (Math.sin(angle) * factor));
            }
        }
    }

    /** From a position on. */
    long cosines(int position) {
        return cosines.address() + offset(position);
    }

    /** From a position on. */
    long sines(int position) {
        return sines.address() + offset(position);
    }

    private long offset(int position) {
        return (long) position * frequencies.length * Float.BYTES;
    }
}
