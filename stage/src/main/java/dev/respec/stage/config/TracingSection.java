package dev.respec.stage.config;

/**
 * Traces of requests through the stages.
 *
 * @param otlp address of a collector that takes OTLP over HTTP; empty switches tracing off
 * @param sample share of the requests that are traced
 */
public record TracingSection(String otlp, double sample) {
    public TracingSection {
        HttpAddress.requireOrEmpty("otlp", otlp);
        InvalidValue.fraction("sample", sample);
    }

    public boolean enabled() {
        return !otlp.isEmpty();
    }

    /** Where spans are sent. */
    public String endpoint() {
        return HttpAddress.withPath(otlp, "/v1/traces");
    }
}
