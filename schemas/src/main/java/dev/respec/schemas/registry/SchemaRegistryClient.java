package dev.respec.schemas.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLException;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Client of the Confluent schema registry's REST interface. Thread-safe.
 *
 * <p>Ids and schemas never change once assigned, so both are kept for the life of the client. A request that finds no
 * registry (no connection, 429, 5xx) goes to the next address and, after the last, around again with a pause that
 * doubles; everything else the registry says is final.
 */
public final class SchemaRegistryClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final int ROUNDS = 4;

    private final RegistryConfig config;
    private final HttpClient http;
    private final Map<SubjectSchema, Integer> ids = new ConcurrentHashMap<>();
    private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();

    /** Address that answered last, asked first. */
    private volatile int preferred;

    public SchemaRegistryClient(RegistryConfig config) {
        this.config = config;
        var client = HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT);
        if (config.trustedCertificates() != null) {
            client.sslContext(TrustedCertificates.context(config.trustedCertificates()));
        }
        this.http = client.build();
    }

    /**
     * Id of the schema under the subject, registered where it is not there yet. What is registered is the {@linkplain
     * SchemaText#portable portable} text.
     *
     * @throws SchemaRegistryException with status 409 where the schema is incompatible with the subject's earlier ones
     */
    public int register(String subject, Schema schema) {
        return ids.computeIfAbsent(new SubjectSchema(subject, schema), key -> {
            var body = body(schema);
            // Looked up first: registering may be forbidden to a stage where looking up is not.
            return find("POST", "/subjects/" + encoded(subject), body)
                    .orElseGet(() -> request("POST", "/subjects/" + encoded(subject) + "/versions", body))
                    .get("id")
                    .asInt();
        });
    }

    /**
     * Schema with this id.
     *
     * @throws SchemaRegistryException with status 404 where the registry has none
     */
    public Schema schemaById(int id) {
        return schemas.computeIfAbsent(
                id,
                key -> new Schema.Parser()
                        .parse(request("GET", "/schemas/ids/" + key, null)
                                .get("schema")
                                .asText()));
    }

    /** Whether the subject has the schema. */
    public boolean registered(String subject, Schema schema) {
        return find("POST", "/subjects/" + encoded(subject), body(schema)).isPresent();
    }

    /** The subject's compatibility level, empty if the subject has none of its own. */
    public Optional<String> compatibility(String subject) {
        return find("GET", "/config/" + encoded(subject), null)
                .map(answer -> answer.get("compatibilityLevel").asText());
    }

    /** Sets the subject's compatibility level, for example {@code BACKWARD_TRANSITIVE}. */
    public void setCompatibility(String subject, String level) {
        var body = JSON.createObjectNode().put("compatibility", level);
        request("PUT", "/config/" + encoded(subject), body);
    }

    /** Asks once, without retries, whether the registry answers and lets this client in. */
    public void verifyReachable() {
        var failures = new Failures("/subjects");
        for (URI url : config.urls()) {
            var response = exchange(url, "GET", "/subjects", null, failures);
            if (response.isPresent()) {
                answer(response.get(), "GET");
                return;
            }
        }
        throw failures.exception();
    }

    private JsonNode request(String method, String path, @Nullable JsonNode body) {
        return find(method, path, body)
                .orElseThrow(() -> new SchemaRegistryException(
                        "schema registry " + config.urls() + ": " + method + " " + path
                                + ": 404, there is no such thing",
                        404,
                        null));
    }

    /** The answer; empty for 404. */
    private Optional<JsonNode> find(String method, String path, @Nullable JsonNode body) {
        var failures = new Failures(path);
        var pause = FIRST_PAUSE;
        for (int round = 0; round < ROUNDS; round++) {
            if (round > 0) {
                sleep(pause);
                pause = pause.multipliedBy(2);
            }
            for (int i = 0; i < config.urls().size(); i++) {
                int index = (preferred + i) % config.urls().size();
                var response = exchange(config.urls().get(index), method, path, body, failures);
                if (response.isPresent()) {
                    preferred = index;
                    return answer(response.get(), method);
                }
            }
        }
        throw failures.exception();
    }

    /** One attempt at one address; empty if another may do better. */
    private Optional<HttpResponse<String>> exchange(
            URI url, String method, String path, @Nullable JsonNode body, Failures failures) {
        var address = URI.create(url.toString().replaceAll("/+$", "") + path);
        var request = HttpRequest.newBuilder(address)
                .timeout(REQUEST_TIMEOUT)
                .header("Accept", CONTENT_TYPE + ", application/json")
                .header("Content-Type", CONTENT_TYPE)
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body.toString()));
        if (config.username() != null) {
            request.header("Authorization", "Basic " + credentials());
        }
        try {
            var response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() == 429 || response.statusCode() >= 500) {
                failures.add(url, response.statusCode() + " " + firstLine(response.body()), null);
                return Optional.empty();
            }
            return Optional.of(response);
        } catch (IOException e) {
            failures.add(url, reason(e), e);
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SchemaRegistryException("interrupted while asking " + address, 0, e);
        }
    }

    private Optional<JsonNode> answer(HttpResponse<String> response, String method) {
        int status = response.statusCode();
        if (status == 404) {
            return Optional.empty();
        }
        if (status / 100 != 2) {
            var reason = status == 401 || status == 403 ? "check registry.username and its password" : "";
            throw new SchemaRegistryException(
                    "schema registry: %s %s: %d %s %s"
                            .formatted(method, response.uri(), status, firstLine(response.body()), reason)
                            .strip(),
                    status,
                    null);
        }
        try {
            return Optional.of(JSON.readTree(response.body()));
        } catch (IOException e) {
            throw new SchemaRegistryException(
                    "schema registry: %s %s: the answer is not JSON, is this a schema registry? It begins: %s"
                            .formatted(method, response.uri(), firstLine(response.body())),
                    status,
                    e);
        }
    }

    private static String reason(IOException error) {
        if (error instanceof SSLException) {
            return "TLS: " + error.getMessage() + ", is its certificate in registry.trusted-certificates?";
        }
        return error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage();
    }

    private String credentials() {
        return Base64.getEncoder()
                .encodeToString((config.username() + ":" + config.password()).getBytes(StandardCharsets.UTF_8));
    }

    private static ObjectNode body(Schema schema) {
        return JSON.createObjectNode().put("schema", SchemaText.portable(schema).toString());
    }

    private static String encoded(String subject) {
        return URLEncoder.encode(subject, StandardCharsets.UTF_8);
    }

    private static String firstLine(String text) {
        var line = text.lines().findFirst().orElse("");
        return line.length() > 300 ? line.substring(0, 300) + "…" : line;
    }

    private static void sleep(Duration pause) {
        try {
            Thread.sleep(pause.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SchemaRegistryException("interrupted while waiting for the schema registry", 0, e);
        }
    }

    private record SubjectSchema(String subject, Schema schema) {}

    /** The last failure at each address. */
    private static final class Failures {
        private final String path;
        private final Map<URI, String> byUrl = new LinkedHashMap<>();
        private @Nullable Throwable cause;

        Failures(String path) {
            this.path = path;
        }

        void add(URI url, String reason, @Nullable Throwable thrown) {
            byUrl.put(url, reason);
            cause = thrown;
        }

        SchemaRegistryException exception() {
            return new SchemaRegistryException(
                    "schema registry does not answer %s at %s: start it or set registry.urls".formatted(path, byUrl),
                    SchemaRegistryException.UNREACHABLE,
                    cause);
        }
    }
}
