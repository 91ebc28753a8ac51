package dev.respec.ops.exports.tensorboard;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * Records of an event file: TensorFlow's {@code Event} messages (event.proto, summary.proto) in TFRecord frames, in the
 * forms that every version of TensorBoard reads.
 */
final class EventBytes {
    private static final String VERSION = "brain.Event:2";
    private static final int DT_STRING = 7;

    // Event
    private static final int WALL_TIME = 1;
    private static final int STEP = 2;
    private static final int FILE_VERSION = 3;
    private static final int SUMMARY = 5;
    // Summary and its values
    private static final int VALUE = 1;
    private static final int TAG = 1;
    private static final int SIMPLE_VALUE = 2;
    private static final int HISTOGRAM = 5;
    private static final int TENSOR = 8;
    private static final int METADATA = 9;

    private EventBytes() {}

    /** The first record of a file. */
    static byte[] version(Instant time) {
        return framed(ProtoBytes.message(event -> {
            event.float64(WALL_TIME, seconds(time));
            event.text(FILE_VERSION, VERSION);
        }));
    }

    static byte[] scalar(String tag, long step, Instant time, double scalar) {
        return summary(step, time, value -> {
            value.text(TAG, tag);
            value.memberFloat32(SIMPLE_VALUE, (float) scalar);
        });
    }

    static byte[] histogram(String tag, long step, Instant time, List<Double> values) {
        Histogram histogram = Histogram.of(values);
        return summary(step, time, value -> {
            value.text(TAG, tag);
            value.message(HISTOGRAM, proto -> {
                proto.float64(1, histogram.min());
                proto.float64(2, histogram.max());
                proto.float64(3, histogram.count());
                proto.float64(4, histogram.sum());
                proto.float64(5, histogram.sumOfSquares());
                proto.packed(6, histogram.limits());
                proto.packed(7, histogram.counts());
            });
        });
    }

    /** Markdown, shown by the plugin "text". */
    static byte[] text(String tag, long step, Instant time, String text) {
        return summary(step, time, value -> {
            value.text(TAG, tag);
            value.message(TENSOR, tensor -> {
                tensor.integer(1, DT_STRING);
                tensor.message(2, shape -> shape.message(2, dimension -> dimension.integer(1, 1)));
                tensor.text(8, text);
            });
            value.message(METADATA, metadata -> metadata.message(1, plugin -> plugin.text(1, "text")));
        });
    }

    private static byte[] summary(long step, Instant time, Consumer<ProtoBytes> value) {
        return framed(ProtoBytes.message(event -> {
            event.float64(WALL_TIME, seconds(time));
            event.integer(STEP, step);
            event.message(SUMMARY, summary -> summary.message(VALUE, value));
        }));
    }

    private static double seconds(Instant time) {
        return time.getEpochSecond() + time.getNano() / 1e9;
    }

    /** Length, its checksum, the message, its checksum. */
    private static byte[] framed(byte[] message) {
        byte[] length = little(Long.BYTES).putLong(message.length).array();
        return little(Long.BYTES + 2 * Integer.BYTES + message.length)
                .put(length)
                .putInt(maskedChecksum(length))
                .put(message)
                .putInt(maskedChecksum(message))
                .array();
    }

    /** CRC-32C, rotated and shifted, so that a checksum over data that holds checksums stays one. */
    private static int maskedChecksum(byte[] bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes);
        int value = (int) checksum.getValue();
        return Integer.rotateRight(value, 15) + 0xa282ead8;
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
