package dev.respec.stage.tracing;

import com.google.protobuf.InvalidProtocolBufferException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;

/** A collector on loopback that decodes what it gets with OpenTelemetry's own message classes. */
public final class OtlpReceiver implements AutoCloseable {
    private final HttpServer server;
    private final List<ReceivedSpan> spans = new CopyOnWriteArrayList<>();
    private final List<ReceivedMetric> metrics = new CopyOnWriteArrayList<>();
    private volatile int status = 200;

    /** @param service the process that sent it */
    public record ReceivedSpan(String service, Span span) {}

    /** @param runId of the resource */
    public record ReceivedMetric(String runId, Metric metric) {}

    private OtlpReceiver(HttpServer server) {
        this.server = server;
        server.setExecutor(Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "otlp-receiver");
            thread.setDaemon(true);
            return thread;
        }));
        server.createContext("/v1/traces", exchange -> answer(exchange, this::addSpans));
        server.createContext("/v1/metrics", exchange -> answer(exchange, this::addMetrics));
        server.start();
    }

    public static OtlpReceiver start() {
        try {
            return new OtlpReceiver(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** What it answers from now on; it keeps nothing of what it refuses. */
    public void answerWith(int newStatus) {
        status = newStatus;
    }

    public List<ReceivedSpan> spans() {
        return List.copyOf(spans);
    }

    public List<ReceivedMetric> metrics() {
        return List.copyOf(metrics);
    }

    /** The text of an attribute; empty if there is none. */
    public static String attribute(List<KeyValue> attributes, String key) {
        return attributes.stream()
                .filter(each -> each.getKey().equals(key))
                .map(each -> each.getValue().getStringValue())
                .findFirst()
                .orElse("");
    }

    private void addSpans(byte[] body) throws InvalidProtocolBufferException {
        ExportTraceServiceRequest.parseFrom(body)
                .getResourceSpansList()
                .forEach(resource -> resource.getScopeSpansList()
                        .forEach(scope -> scope.getSpansList()
                                .forEach(span -> spans.add(
                                        new ReceivedSpan(attribute(resource.getResource(), "service.name"), span)))));
    }

    private void addMetrics(byte[] body) throws InvalidProtocolBufferException {
        ExportMetricsServiceRequest.parseFrom(body)
                .getResourceMetricsList()
                .forEach(resource -> resource.getScopeMetricsList()
                        .forEach(scope -> scope.getMetricsList()
                                .forEach(metric -> metrics.add(new ReceivedMetric(
                                        attribute(resource.getResource(), "respec.run.id"), metric)))));
    }

    private static String attribute(Resource resource, String key) {
        return attribute(resource.getAttributesList(), key);
    }

    private interface Reader {
        void read(byte[] body) throws InvalidProtocolBufferException;
    }

    private void answer(HttpExchange exchange, Reader reader) throws IOException {
        try (exchange) {
            boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
            try (InputStream in = zipped ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody()) {
                byte[] body = in.readAllBytes();
                if (status == 200) {
                    reader.read(body);
                }
            }
            exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
            exchange.sendResponseHeaders(status, -1);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
