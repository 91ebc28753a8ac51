package dev.respec.stage.tracing;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The place of a span in its trace. Ids derive from names: what is done again after a crash, or found in a replayed
 * record, is the same span of the same trace.
 *
 * @param traceId 32 hexadecimal digits
 * @param spanId 16 hexadecimal digits
 */
public record TraceContext(String traceId, String spanId) {
    private static final HexFormat HEX = HexFormat.of();
    private static final Pattern HEADER =
            Pattern.compile("00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})");
    private static final int TRACE_BYTES = 16;
    private static final int SPAN_BYTES = 8;
    private static final int SAMPLED = 1;

    /** The first span of the trace of that name. */
    public static TraceContext root(String name) {
        byte[] hash = hash(name);
        return new TraceContext(
                HEX.formatHex(hash, 0, TRACE_BYTES), HEX.formatHex(hash, TRACE_BYTES, TRACE_BYTES + SPAN_BYTES));
    }

    /** A span of the same trace. */
    public TraceContext child(String name) {
        return new TraceContext(traceId, HEX.formatHex(hash(traceId + spanId + name), 0, SPAN_BYTES));
    }

    /** As W3C's trace context writes it: https://www.w3.org/TR/trace-context/#traceparent-header. */
    public String header() {
        return "00-" + traceId + "-" + spanId + "-01";
    }

    /** Null if there is no header, or none of a traced request. */
    public static @Nullable TraceContext parse(@Nullable String header) {
        if (header == null) {
            return null;
        }
        var match = HEADER.matcher(header);
        return match.matches() && (Integer.parseInt(match.group(3), 16) & SAMPLED) != 0
                ? new TraceContext(match.group(1), match.group(2))
                : null;
    }

    /** Whether the trace is among the share that is traced; every process decides alike. */
    boolean isSampled(double share) {
        // the lower 63 bits of the id are uniform, as in OpenTelemetry's ratio sampler
        long number = Long.parseUnsignedLong(traceId, TRACE_BYTES, 2 * TRACE_BYTES, 16) & Long.MAX_VALUE;
        return number < share * Long.MAX_VALUE || share >= 1;
    }

    private static byte[] hash(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }
}
