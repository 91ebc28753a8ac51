package dev.respec.stage;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.HttpSection;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** {@code /healthz}: the process lives; {@code /readyz}: it does what it is for; {@code /metrics}: Prometheus text. */
final class StageHttp implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService executor;

    private StageHttp(HttpServer server, ExecutorService executor) {
        this.server = server;
        this.executor = executor;
    }

    static StageHttp start(HttpSection config, StageContext context, PrometheusMeterRegistry metrics) {
        var server = bind(config);
        var executor = Executors.newSingleThreadExecutor(action -> {
            var thread = new Thread(action, "stage-http");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(executor);
        server.createContext("/healthz", exchange -> answer(exchange, 200, "alive\n"));
        server.createContext("/readyz", exchange -> {
            boolean ready = context.isReady();
            answer(exchange, ready ? 200 : 503, ready ? "ready\n" : "not ready\n");
        });
        server.createContext(
                "/metrics", exchange -> answer(exchange, 200, MetricSelection.withoutNaN(metrics.scrape())));
        server.start();
        return new StageHttp(server, executor);
    }

    InetSocketAddress address() {
        return server.getAddress();
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }

    private static HttpServer bind(HttpSection config) {
        var address = new InetSocketAddress(config.bind(), config.port());
        try {
            return HttpServer.create(address, 0);
        } catch (IOException e) {
            throw new ConfigException(
                    "config: http.port %d on %s cannot be used (%s): set http.port to a free one, or 0"
                            .formatted(config.port(), config.bind(), e.getMessage()));
        }
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        try (exchange) {
            var bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }
}
