package dev.respec.scorer.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A service on loopback that answers what it is told to, in order, and then always the same. */
final class ScriptedService implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Queue<Answer> script = new ConcurrentLinkedQueue<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger mostRunning = new AtomicInteger();
    private volatile Function<JsonNode, String> last = request -> "{}";
    private volatile long delayMilliseconds;

    /** What came in. */
    record Request(String path, String authorization, JsonNode body, long nanoTime) {}

    /** What goes out, late if told so. */
    record Answer(int status, String body, Map<String, String> headers, long delayMilliseconds) {
        static Answer status(int status) {
            return new Answer(status, "{}", Map.of(), 0);
        }

        Answer with(String header, String value) {
            return new Answer(status, body, Map.of(header, value), delayMilliseconds);
        }

        Answer after(long milliseconds) {
            return new Answer(status, body, headers, milliseconds);
        }

        static Answer of(String body) {
            return new Answer(200, body, Map.of(), 0);
        }
    }

    ScriptedService() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    ScriptedService first(Answer... answers) {
        script.addAll(List.of(answers));
        return this;
    }

    ScriptedService then(Function<JsonNode, String> body) {
        last = body;
        return this;
    }

    ScriptedService slowedBy(long milliseconds) {
        delayMilliseconds = milliseconds;
        return this;
    }

    List<Request> requests() {
        return requests;
    }

    int mostRunning() {
        return mostRunning.get();
    }

    private void handle(HttpExchange exchange) throws IOException {
        mostRunning.accumulateAndGet(running.incrementAndGet(), Math::max);
        try {
            JsonNode body = JSON.readTree(exchange.getRequestBody().readAllBytes());
            requests.add(new Request(
                    exchange.getRequestURI().getPath(),
                    String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")),
                    body,
                    System.nanoTime()));
            Answer answer = script.poll();
            if (answer == null) {
                answer = Answer.of(last.apply(body)).after(delayMilliseconds);
            }
            Thread.sleep(answer.delayMilliseconds());
            answer.headers().forEach(exchange.getResponseHeaders()::set);
            byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
            running.decrementAndGet();
            exchange.sendResponseHeaders(answer.status(), bytes.length);
            exchange.getResponseBody().write(bytes);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            exchange.close();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
