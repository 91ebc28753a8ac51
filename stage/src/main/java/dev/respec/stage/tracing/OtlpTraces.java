package dev.respec.stage.tracing;

import dev.respec.stage.config.TracingSection;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends spans to a collector with OpenTelemetry's SDK, in batches from a thread of its own. Spans that a collector does
 * not take are dropped.
 */
final class OtlpTraces implements Traces {
    private static final Duration SEND_EVERY = Duration.ofSeconds(1);
    private static final Duration SEND_TIMEOUT = Duration.ofSeconds(5);
    private static final long MOST_CLOSE_SECONDS = 3;
    private static final int MOST_WAITING = 8_192;
    private static final int MOST_LINKS = 1_024;

    private final double share;
    private final GivenIds ids = new GivenIds();
    private final SdkTracerProvider provider;
    private final Tracer tracer;

    OtlpTraces(TracingSection section, String stage, String runId) {
        share = section.sample();
        var exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(section.endpoint())
                .setTimeout(SEND_TIMEOUT)
                .build();
        provider = SdkTracerProvider.builder()
                .setIdGenerator(ids)
                .setResource(Resource.create(Attributes.of(
                        AttributeKey.stringKey("service.name"),
                        "respec-" + stage,
                        AttributeKey.stringKey("respec.run.id"),
                        runId)))
                .setSpanLimits(
                        SpanLimits.builder().setMaxNumberOfLinks(MOST_LINKS).build())
                .addSpanProcessor(BatchSpanProcessor.builder(exporter)
                        .setScheduleDelay(SEND_EVERY)
                        .setMaxQueueSize(MOST_WAITING)
                        .build())
                .build();
        tracer = provider.get("dev.respec");
    }

    @Override
    public boolean on() {
        return true;
    }

    @Override
    public @Nullable TraceContext request(String requestId) {
        var context = TraceContext.root(requestId);
        return context.isSampled(share) ? context : null;
    }

    @Override
    public void record(TracedSpan span) {
        var builder = tracer.spanBuilder(span.name()).setStartTimestamp(span.start());
        if (span.parent() == null) {
            builder.setNoParent();
        } else {
            builder.setParent(Context.root().with(Span.wrap(remote(span.parent()))));
        }
        span.links().forEach(link -> builder.addLink(remote(link)));
        span.attributes().forEach((name, value) -> {
            if (value instanceof Double number) {
                builder.setAttribute(name, number);
            } else if (value instanceof Number number) {
                builder.setAttribute(name, number.longValue());
            } else {
                builder.setAttribute(name, value.toString());
            }
        });
        ids.start(span.at(), builder::startSpan).end(span.end());
    }

    private static SpanContext remote(TraceContext context) {
        return SpanContext.createFromRemoteParent(
                context.traceId(), context.spanId(), TraceFlags.getSampled(), TraceState.getDefault());
    }

    @Override
    public void close() {
        provider.shutdown().join(MOST_CLOSE_SECONDS, TimeUnit.SECONDS);
    }

    /** Gives the span that is started the ids that it was recorded with. */
    private static final class GivenIds implements IdGenerator {
        private final ThreadLocal<TraceContext> next = new ThreadLocal<>();

        Span start(TraceContext at, java.util.function.Supplier<Span> start) {
            next.set(at);
            try {
                return start.get();
            } finally {
                next.remove();
            }
        }

        @Override
        public String generateSpanId() {
            return next.get().spanId();
        }

        @Override
        public String generateTraceId() {
            return next.get().traceId();
        }
    }
}
