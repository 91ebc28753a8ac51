package dev.respec.ops.exports.tensorboard;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/** Writes the few kinds of protobuf fields that event files have. Fields come in the order of their numbers. */
final class ProtoBytes {
    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int DELIMITED = 2;
    private static final int FIXED_32 = 5;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    static byte[] message(Consumer<ProtoBytes> fields) {
        ProtoBytes message = new ProtoBytes();
        fields.accept(message);
        return message.out.toByteArray();
    }

    /** Left out if it is the default, as in proto3. */
    void integer(int field, long value) {
        if (value != 0) {
            tag(field, VARINT);
            varint(value);
        }
    }

    /** Left out if it is the default, as in proto3. */
    void float64(int field, double value) {
        if (Double.doubleToRawLongBits(value) != 0) {
            tag(field, FIXED_64);
            fixed64(value);
        }
    }

    /** A member of a oneof, which is written whatever it is. */
    void memberFloat32(int field, float value) {
        tag(field, FIXED_32);
        out.writeBytes(little(Float.BYTES).putFloat(value).array());
    }

    void text(int field, String value) {
        bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    void message(int field, Consumer<ProtoBytes> fields) {
        bytes(field, message(fields));
    }

    void packed(int field, List<Double> values) {
        if (!values.isEmpty()) {
            tag(field, DELIMITED);
            varint((long) values.size() * Double.BYTES);
            values.forEach(this::fixed64);
        }
    }

    private void bytes(int field, byte[] value) {
        tag(field, DELIMITED);
        varint(value.length);
        out.writeBytes(value);
    }

    private void tag(int field, int type) {
        varint((long) field << 3 | type);
    }

    private void varint(long value) {
        long left = value;
        while ((left & ~0x7FL) != 0) {
            out.write((int) (left & 0x7F | 0x80));
            left >>>= 7;
        }
        out.write((int) left);
    }

    private void fixed64(double value) {
        out.writeBytes(little(Double.BYTES).putDouble(value).array());
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
