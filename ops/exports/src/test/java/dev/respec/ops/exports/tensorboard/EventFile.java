package dev.respec.ops.exports.tensorboard;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads event files with protobuf's own parser. */
public final class EventFile {
    private EventFile() {}

    /**
     * A value of a summary.
     *
     * @param scalar NaN if it is none
     * @param count of a histogram, 0 if it is none
     * @param text of a tensor, empty if it is none
     */
    public record Value(String tag, long step, double seconds, double scalar, double count, String text) {}

    /** All values of a file. */
    public static List<Value> read(Path file) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            List<Value> values = new ArrayList<>();
            while (bytes.hasRemaining()) {
                byte[] message = new byte[Math.toIntExact(bytes.getLong())];
                bytes.getInt();
                bytes.get(message);
                bytes.getInt();
                add(UnknownFieldSet.parseFrom(message), values);
            }
            return values;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void add(UnknownFieldSet event, List<Value> values) throws InvalidProtocolBufferException {
        long step = event.hasField(2) ? event.getField(2).getVarintList().get(0) : 0;
        double seconds =
                Double.longBitsToDouble(event.getField(1).getFixed64List().get(0));
        for (UnknownFieldSet summary : messages(event, 5)) {
            for (UnknownFieldSet value : messages(summary, 1)) {
                values.add(new Value(
                        text(value, 1),
                        step,
                        seconds,
                        value.hasField(2)
                                ? Float.intBitsToFloat(
                                        value.getField(2).getFixed32List().get(0))
                                : Double.NaN,
                        value.hasField(5)
                                ? Double.longBitsToDouble(messages(value, 5)
                                        .get(0)
                                        .getField(3)
                                        .getFixed64List()
                                        .get(0))
                                : 0,
                        value.hasField(8) ? text(messages(value, 8).get(0), 8) : ""));
            }
        }
    }

    private static List<UnknownFieldSet> messages(UnknownFieldSet message, int field)
            throws InvalidProtocolBufferException {
        List<UnknownFieldSet> messages = new ArrayList<>();
        for (var bytes : message.getField(field).getLengthDelimitedList()) {
            messages.add(UnknownFieldSet.parseFrom(bytes));
        }
        return messages;
    }

    private static String text(UnknownFieldSet message, int field) {
        return message.getField(field).getLengthDelimitedList().get(0).toStringUtf8();
    }
}
