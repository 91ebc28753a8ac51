package dev.respec.stage.tracing;

import dev.respec.stage.config.RespecConfig;
import org.jspecify.annotations.Nullable;

/** The spans that a process records. Thread-safe; recording never waits for the collector. */
public interface Traces extends AutoCloseable {
    /** Traces nothing and allocates nothing. */
    Traces OFF = new Traces() {
        @Override
        public boolean on() {
            return false;
        }

        @Override
        public @Nullable TraceContext request(String requestId) {
            return null;
        }

        @Override
        public void record(TracedSpan span) {}

        @Override
        public void close() {}
    };

    /** As the configuration says. */
    static Traces of(RespecConfig config, String stage) {
        return config.tracing().enabled()
                ? new OtlpTraces(config.tracing(), stage, config.run().id())
                : OFF;
    }

    boolean on();

    /** The first span of a request; null if the request is not traced. */
    @Nullable
    TraceContext request(String requestId);

    void record(TracedSpan span);

    /** Sends what is recorded, for a few seconds at most. */
    @Override
    void close();
}
