package dev.respec.topics;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** The header {@code traceparent} of W3C's trace context on records. It is optional; no stage depends on it. */
public final class TraceHeader {
    private static final String NAME = "traceparent";

    private TraceHeader() {}

    /** Null on a record without it. */
    public static @Nullable String of(Headers headers) {
        var header = headers.lastHeader(NAME);
        return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.US_ASCII);
    }

    /** Adds it, unless it is null. */
    public static void put(Headers headers, @Nullable String traceparent) {
        if (traceparent != null) {
            headers.add(NAME, traceparent.getBytes(StandardCharsets.US_ASCII));
        }
    }
}
