package dev.respec.stage.tracing;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A piece of work for a traced request.
 *
 * @param parent null for the first span of a trace
 * @param attributes texts and numbers
 * @param links places in other traces
 */
public record TracedSpan(
        String name,
        TraceContext at,
        @Nullable TraceContext parent,
        Instant start,
        Instant end,
        Map<String, Object> attributes,
        List<TraceContext> links) {
    public TracedSpan {
        attributes = Map.copyOf(attributes);
        links = List.copyOf(links);
        if (end.isBefore(start)) {
            end = start; // clocks of two machines
        }
    }

    /** A span without links whose id derives from its name. */
    public static TracedSpan child(
            TraceContext parent, String name, Instant start, Instant end, Map<String, Object> attributes) {
        return new TracedSpan(name, parent.child(name), parent, start, end, attributes, List.of());
    }
}
