package dev.respec.scorer.child;

import dev.respec.schemas.FinishReason;
import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.ScoringInput;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The messages between scorer and child. A text is its length in bytes and UTF-8; a map is its size and its entries.
 *
 * <p>The child begins with {@code NAMES} (a map of names to nothing) or {@code REFUSED} (a text). Each call of the
 * scorer is a function's name and its input; the answer is {@code REWARD} (a value and parts), {@code THREW} or {@code
 * UNAVAILABLE} (a line).
 */
final class Frames {
    enum Kind {
        NAMES,
        REFUSED,
        REWARD,
        THREW,
        UNAVAILABLE
    }

    /** A longer text is not one of ours: a function wrote to the child's output. */
    private static final int MOST_BYTES = 64 * 1024 * 1024;

    private Frames() {}

    static void write(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    static String readText(DataInputStream in) throws IOException {
        return new String(in.readNBytes(size(in)), StandardCharsets.UTF_8);
    }

    private static int size(DataInputStream in) throws IOException {
        int size = in.readInt();
        if (size < 0 || size > MOST_BYTES) {
            throw new IOException("a text of %d bytes is not one of the protocol".formatted(size));
        }
        return size;
    }

    static void write(DataOutputStream out, Kind kind) throws IOException {
        out.writeByte(kind.ordinal());
    }

    static Kind readKind(DataInputStream in) throws IOException {
        int ordinal = in.readUnsignedByte();
        if (ordinal >= Kind.values().length) {
            throw new IOException("byte %d begins no answer of the protocol".formatted(ordinal));
        }
        return Kind.values()[ordinal];
    }

    static void write(DataOutputStream out, ScoringInput input) throws IOException {
        write(out, input.prompt());
        write(out, input.response());
        write(out, input.answer());
        write(out, input.finishReason().name());
        out.writeInt(input.metadata().size());
        for (var entry : input.metadata().entrySet()) {
            write(out, entry.getKey());
            write(out, entry.getValue());
        }
    }

    static ScoringInput readInput(DataInputStream in) throws IOException {
        String prompt = readText(in);
        String response = readText(in);
        String answer = readText(in);
        FinishReason finishReason = FinishReason.valueOf(readText(in));
        Map<String, String> metadata = new HashMap<>();
        for (int left = size(in); left > 0; left--) {
            metadata.put(readText(in), readText(in));
        }
        return new ScoringInput(prompt, response, answer, finishReason, metadata);
    }

    static void write(DataOutputStream out, Reward reward) throws IOException {
        out.writeDouble(reward.value());
        out.writeInt(reward.parts().size());
        for (var part : reward.parts().entrySet()) {
            write(out, part.getKey());
            out.writeDouble(part.getValue());
        }
    }

    static Reward readReward(DataInputStream in) throws IOException {
        double value = in.readDouble();
        Map<String, Double> parts = new HashMap<>();
        for (int left = size(in); left > 0; left--) {
            parts.put(readText(in), in.readDouble());
        }
        return new Reward(value, parts);
    }
}
