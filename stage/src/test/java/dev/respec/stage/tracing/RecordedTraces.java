package dev.respec.stage.tracing;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Traces every request and keeps the spans. */
public final class RecordedTraces implements Traces {
    private final List<TracedSpan> spans = new CopyOnWriteArrayList<>();

    @Override
    public boolean on() {
        return true;
    }

    @Override
    public TraceContext request(String requestId) {
        return TraceContext.root(requestId);
    }

    @Override
    public void record(TracedSpan span) {
        spans.add(span);
    }

    public List<TracedSpan> spans() {
        return List.copyOf(spans);
    }

    @Override
    public void close() {}
}
