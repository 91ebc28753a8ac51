package dev.respec.stage.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.respec.stage.config.RespecConfig;
import dev.respec.stage.tracing.OtlpReceiver.ReceivedSpan;
import io.opentelemetry.proto.trace.v1.Span;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TracesTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00.123456789Z");

    @Test
    void shouldSendSpansAsTheyWereRecorded() {
        TraceContext request = TraceContext.root("run/7");
        TraceContext step = TraceContext.root("run step 1");
        try (OtlpReceiver receiver = OtlpReceiver.start()) {
            try (Traces traces = Traces.of(config(receiver.address(), 1), "trainer")) {
                traces.record(new TracedSpan(
                        "request",
                        request,
                        null,
                        START,
                        START.plusMillis(5),
                        Map.of("respec.group.size", 8),
                        List.of()));
                traces.record(new TracedSpan(
                        "assembly",
                        request.child("assembly"),
                        request,
                        START,
                        START.plusSeconds(1),
                        Map.of("respec.reward.mean", 0.5, "respec.worker.id", "w"),
                        List.of(step)));
            }

            assertThat(receiver.spans()).extracting(ReceivedSpan::service).containsOnly("respec-trainer");
            Span first = span(receiver, "request");
            assertThat(hex(first.getTraceId().toByteArray())).isEqualTo(request.traceId());
            assertThat(hex(first.getSpanId().toByteArray())).isEqualTo(request.spanId());
            assertThat(first.getParentSpanId().isEmpty()).isTrue();
            assertThat(first.getStartTimeUnixNano()).isEqualTo(1_767_225_600_123_456_789L);
            assertThat(first.getEndTimeUnixNano()).isEqualTo(1_767_225_600_128_456_789L);
            assertThat(first.getAttributes(0).getValue().getIntValue()).isEqualTo(8);
            Span second = span(receiver, "assembly");
            assertThat(hex(second.getTraceId().toByteArray())).isEqualTo(request.traceId());
            assertThat(hex(second.getParentSpanId().toByteArray())).isEqualTo(request.spanId());
            assertThat(hex(second.getLinks(0).getTraceId().toByteArray())).isEqualTo(step.traceId());
            assertThat(OtlpReceiver.attribute(second.getAttributesList(), "respec.worker.id"))
                    .isEqualTo("w");
        }
    }

    @Test
    void shouldGoOnWithoutACollectorAndEndInTime() {
        String nowhere;
        try (OtlpReceiver receiver = OtlpReceiver.start()) {
            nowhere = receiver.address();
        }
        Instant begun = Instant.now();
        try (Traces traces = Traces.of(config(nowhere, 1), "trainer")) {
            for (int i = 0; i < 20_000; i++) {
                TraceContext at = TraceContext.root("run/" + i);
                traces.record(new TracedSpan("request", at, null, START, START, Map.of(), List.of()));
            }
        }

        assertThat(Duration.between(begun, Instant.now())).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void shouldAllocateNothingWhenOff() {
        Traces traces = Traces.of(RespecConfig.defaults(), "trainer");
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        ask(traces, 10_000); // compiled before it counts
        long before = threads.getThreadAllocatedBytes(thread);
        threads.getThreadAllocatedBytes(thread);
        long cost = threads.getThreadAllocatedBytes(thread) - before;
        before = threads.getThreadAllocatedBytes(thread);
        boolean traced = ask(traces, 1_000_000);
        long allocated = threads.getThreadAllocatedBytes(thread) - before - cost;

        assertThat(traced).isFalse();
        assertThat(traces).isSameAs(Traces.OFF);
        assertThat(allocated).as("bytes of a million questions").isLessThan(1_000);
    }

    private static boolean ask(Traces traces, int times) {
        boolean traced = false;
        for (int i = 0; i < times; i++) {
            traced |= traces.on() | traces.request("run/1") != null | TraceContext.parse(null) != null;
        }
        return traced;
    }

    private static Span span(OtlpReceiver receiver, String name) {
        return receiver.spans().stream()
                .map(ReceivedSpan::span)
                .filter(span -> span.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static RespecConfig config(String address, double sample) {
        return RespecConfig.load(
                null, Map.of(), List.of("tracing.otlp=" + address, "tracing.sample=" + sample, "run.id=run"));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
