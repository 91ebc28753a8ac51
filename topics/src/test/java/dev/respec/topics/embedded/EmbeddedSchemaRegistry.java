package dev.respec.topics.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.jspecify.annotations.Nullable;

/** The part of the Confluent REST interface that the pipeline uses, in memory, for tests. Backward compatibility only. */
public final class EmbeddedSchemaRegistry implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    static {
        System.setProperty("sun.net.httpserver.nodelay", "true"); // else every answer takes 40 ms
    }

    private final HttpServer server;
    private final AtomicInteger requests = new AtomicInteger();
    private final List<Schema> schemas = new ArrayList<>();
    private final Map<String, List<Schema>> subjects = new LinkedHashMap<>();
    private final Map<String, String> levels = new LinkedHashMap<>();
    private final @Nullable String authorization;

    private EmbeddedSchemaRegistry(HttpServer server, @Nullable String authorization) {
        this.server = server;
        this.authorization = authorization;
    }

    public static EmbeddedSchemaRegistry start() {
        return start(null);
    }

    /** @param authorization the only header value that is let in; null lets everybody in */
    public static EmbeddedSchemaRegistry start(@Nullable String authorization) {
        try {
            return serve(HttpServer.create(loopback(), 0), authorization);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Speaks TLS only. */
    public static EmbeddedSchemaRegistry start(String authorization, SSLContext tls) {
        try {
            var server = HttpsServer.create(loopback(), 0);
            server.setHttpsConfigurator(new HttpsConfigurator(tls));
            return serve(server, authorization);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static EmbeddedSchemaRegistry serve(HttpServer server, @Nullable String authorization) {
        var registry = new EmbeddedSchemaRegistry(server, authorization);
        server.createContext("/", registry::handle);
        server.start();
        return registry;
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    public URI url() {
        var scheme = server instanceof HttpsServer ? "https" : "http";
        return URI.create(scheme + "://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Requests served, to test what is cached. */
    public int requests() {
        return requests.get();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        requests.incrementAndGet();
        try (exchange) {
            var answer = authorized(exchange) ? answer(exchange) : error(401, 40101, "Unauthorized");
            var bytes = JSON.writeValueAsBytes(answer.body());
            exchange.sendResponseHeaders(answer.status(), bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private boolean authorized(HttpExchange exchange) {
        return authorization == null
                || authorization.equals(exchange.getRequestHeaders().getFirst("Authorization"));
    }

    private Answer answer(HttpExchange exchange) throws IOException {
        var path = URLDecoder.decode(exchange.getRequestURI().getRawPath(), StandardCharsets.UTF_8)
                .substring(1)
                .split("/");
        var body = JSON.readTree(exchange.getRequestBody().readAllBytes());
        var route = exchange.getRequestMethod() + " " + path[0] + "/" + path.length;
        return switch (route) {
            case "GET subjects/1" -> new Answer(200, subjects.keySet());
            case "GET subjects/4" -> latest(path[1]);
            case "POST subjects/2" -> lookUp(path[1], parse(body));
            case "POST subjects/3" -> register(path[1], parse(body));
            case "GET schemas/3" -> byId(Integer.parseInt(path[2]));
            case "GET config/2" ->
                levels.containsKey(path[1])
                        ? new Answer(200, Map.of("compatibilityLevel", levels.get(path[1])))
                        : error(404, 40408, "Subject has no compatibility level");
            case "PUT config/2" -> {
                levels.put(path[1], body.get("compatibility").asText());
                yield new Answer(200, body);
            }
            default -> error(404, 404, "No such route: " + route);
        };
    }

    private Answer latest(String subject) {
        var registered = of(subject);
        if (registered.isEmpty()) {
            return error(404, 40401, "Subject not found");
        }
        var schema = registered.get(registered.size() - 1);
        return new Answer(200, described(subject, schema));
    }

    private Answer lookUp(String subject, Schema schema) {
        if (!subjects.containsKey(subject)) {
            return error(404, 40401, "Subject not found");
        }
        return of(subject).contains(schema)
                ? new Answer(200, described(subject, schema))
                : error(404, 40403, "Schema not found");
    }

    private Answer register(String subject, Schema schema) {
        if (!of(subject).contains(schema)) {
            if (!compatible(subject, schema)) {
                return error(409, 409, "Schema being registered is incompatible with an earlier schema");
            }
            subjects.computeIfAbsent(subject, key -> new ArrayList<>()).add(schema);
            if (!schemas.contains(schema)) {
                schemas.add(schema);
            }
        }
        return new Answer(200, Map.of("id", schemas.indexOf(schema) + 1));
    }

    private Answer byId(int id) {
        return id >= 1 && id <= schemas.size()
                ? new Answer(200, Map.of("schema", schemas.get(id - 1).toString()))
                : error(404, 40403, "Schema not found");
    }

    private boolean compatible(String subject, Schema schema) {
        return "NONE".equals(levels.get(subject))
                || of(subject).stream()
                        .allMatch(earlier -> SchemaCompatibility.checkReaderWriterCompatibility(schema, earlier)
                                        .getType()
                                == SchemaCompatibilityType.COMPATIBLE);
    }

    private Map<String, Object> described(String subject, Schema schema) {
        return Map.of(
                "subject",
                subject,
                "id",
                schemas.indexOf(schema) + 1,
                "version",
                of(subject).indexOf(schema) + 1,
                "schema",
                schema.toString());
    }

    private List<Schema> of(String subject) {
        return subjects.getOrDefault(subject, List.of());
    }

    private static Schema parse(JsonNode body) {
        return new Schema.Parser().parse(body.get("schema").asText());
    }

    private static Answer error(int status, int code, String message) {
        return new Answer(status, Map.of("error_code", code, "message", message));
    }

    private record Answer(int status, Object body) {}
}
