package dev.respec.model.checkpoint;

import java.nio.ByteBuffer;

/** Floating-point elements to float32 and back. */
final class FloatFormats {
    /** Elements that are copied at once. */
    private static final int PIECE = 2048;

    private FloatFormats() {}

    /** @param from little-endian, at position 0 */
    static void decode(ElementType type, ByteBuffer from, float[] to, int at, int count) {
        switch (type) {
            case FLOAT32 -> from.asFloatBuffer().get(to, at, count);
            case FLOAT64 -> {
                for (int i = 0; i < count; i++) {
                    to[at + i] = (float) from.getDouble(8 * i);
                }
            }
            case BFLOAT16 -> fromBfloat16(from, to, at, count);
            case FLOAT16 -> {
                for (int i = 0; i < count; i++) {
                    to[at + i] = halfToFloat(from.getShort(2 * i));
                }
            }
            default -> throw notFloating(type);
        }
    }

    /** A few at a time through an array: reading each from the buffer takes several times as long. */
    private static void fromBfloat16(ByteBuffer from, float[] to, int at, int count) {
        var source = from.asShortBuffer();
        var bits = new short[Math.min(count, PIECE)];
        for (int done = 0, now; done < count; done += now) {
            now = Math.min(PIECE, count - done);
            source.get(bits, 0, now);
            for (int i = 0; i < now; i++) {
                to[at + done + i] = Float.intBitsToFloat(bits[i] << 16);
            }
        }
    }

    /** @param to little-endian, at position 0 */
    static void encode(ElementType type, float[] from, int count, ByteBuffer to) {
        switch (type) {
            case FLOAT32 -> to.asFloatBuffer().put(from, 0, count);
            case FLOAT64 -> {
                for (int i = 0; i < count; i++) {
                    to.putDouble(8 * i, from[i]);
                }
            }
            case BFLOAT16 -> {
                for (int i = 0; i < count; i++) {
                    to.putShort(2 * i, toBfloat16(from[i]));
                }
            }
            case FLOAT16 -> {
                for (int i = 0; i < count; i++) {
                    to.putShort(2 * i, toHalf(from[i]));
                }
            }
            default -> throw notFloating(type);
        }
    }

    static CheckpointException notFloating(ElementType type) {
        return new CheckpointException("expected a floating-point tensor, found " + type);
    }

    /** binary32 to bfloat16, to nearest, ties to even; NaN stays NaN. */
    static short toBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }

    /** IEEE 754 binary16 to binary32. */
    static float halfToFloat(short half) {
        int sign = (half & 0x8000) << 16;
        int exponent = (half >> 10) & 0x1f;
        int mantissa = half & 0x3ff;
        if (exponent == 0) { // zero or subnormal: mantissa · 2^-24
            float magnitude = mantissa * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        int wideExponent = exponent == 31 ? 255 : exponent + 112;
        return Float.intBitsToFloat(sign | wideExponent << 23 | mantissa << 13);
    }

    /** binary32 to IEEE 754 binary16, to nearest, ties to even; what is too large becomes infinite. */
    static short toHalf(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        if (Float.isNaN(value)) {
            return (short) (sign | 0x7e00);
        }
        float magnitude = Math.abs(value);
        if (magnitude >= 65520f) {
            return (short) (sign | 0x7c00);
        }
        if (magnitude < 0x1p-14f) { // subnormal: a whole number of 2^-24
            return (short) (sign | (int) Math.rint(magnitude * 0x1p24));
        }
        int whole = bits & 0x7fffffff;
        int rounded = whole + 0xfff + (whole >>> 13 & 1);
        return (short) (sign | (rounded >>> 13) - (112 << 10));
    }
}
