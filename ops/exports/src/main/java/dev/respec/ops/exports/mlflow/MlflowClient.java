package dev.respec.ops.exports.mlflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.respec.ops.exports.run.TargetUnavailableException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Collectors;

/** Speaks MLflow's REST interface (https://mlflow.org/docs/latest/api_reference/rest-api.html). */
final class MlflowClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration UPLOAD_TIMEOUT = Duration.ofHours(1);

    private final String address;
    private final Map<String, String> environment;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    /**
     * A client.
     *
     * @param environment may hold the credentials under the names that MLflow's own clients read
     */
    MlflowClient(String address, Map<String, String> environment) {
        this.address = address.replaceFirst("/+$", "");
        this.environment = environment;
    }

    String address() {
        return address;
    }

    /** The server's refusal of a request. */
    static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final String code;

        RefusedException(String message, String code) {
            super(message);
            this.code = code;
        }

        /** As MLflow names it, such as RESOURCE_DOES_NOT_EXIST. */
        String code() {
            return code;
        }
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    JsonNode get(String method, Map<String, String> parameters) {
        String query = parameters.entrySet().stream()
                .map(each -> each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return send(request("/api/2.0/mlflow/" + method + "?" + query, TIMEOUT).GET());
    }

    JsonNode post(String method, ObjectNode body) {
        return send(request("/api/2.0/mlflow/" + method, TIMEOUT)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString())));
    }

    /**
     * Uploads a file through the server.
     *
     * @param path below the server's artefact root, with slashes
     */
    void put(String path, Path file) {
        String encoded = Arrays.stream(path.split("/"))
                .map(part -> URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20"))
                .collect(Collectors.joining("/"));
        send(request("/api/2.0/mlflow-artifacts/artifacts/" + encoded, UPLOAD_TIMEOUT)
                .header("Content-Type", "application/octet-stream")
                .PUT(content(file)));
    }

    private static BodyPublisher content(Path file) {
        try {
            return BodyPublishers.ofFile(file);
        } catch (FileNotFoundException e) {
            throw new TargetUnavailableException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private HttpRequest.Builder request(String path, Duration timeout) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(address + path)).timeout(timeout);
        String token = environment.getOrDefault("MLFLOW_TRACKING_TOKEN", "");
        String user = environment.getOrDefault("MLFLOW_TRACKING_USERNAME", "");
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        } else if (!user.isEmpty()) {
            String pair = user + ":" + environment.getOrDefault("MLFLOW_TRACKING_PASSWORD", "");
            request.header(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
        }
        return request;
    }

    private JsonNode send(HttpRequest.Builder building) {
        HttpRequest request = building.build();
        try {
            HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
            if (response.statusCode() >= 500) {
                throw new TargetUnavailableException("%s answers %d to %s"
                        .formatted(address, response.statusCode(), request.uri().getPath()));
            }
            if (response.statusCode() >= 400) {
                throw refused(request, response);
            }
            return response.body().isBlank() ? object() : JSON.readTree(response.body());
        } catch (JsonProcessingException e) {
            throw new RefusedException(
                    "%s answers %s with something else than JSON: is it an MLflow server?"
                            .formatted(address, request.uri().getPath()),
                    "");
        } catch (IOException e) {
            throw new TargetUnavailableException("nothing answers at %s (%s)".formatted(address, e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TargetUnavailableException("interrupted while waiting for " + address, e);
        }
    }

    private RefusedException refused(HttpRequest request, HttpResponse<String> response) {
        String code = "";
        String text = response.body();
        try {
            JsonNode error = JSON.readTree(response.body());
            code = error.path("error_code").asText();
            text = error.path("message").asText(text);
        } catch (JsonProcessingException notJson) {
            text = text.startsWith("<") ? "" : text.lines().findFirst().orElse("");
        }
        return new RefusedException(
                "%s refuses %s (%d%s)"
                        .formatted(
                                address,
                                request.uri().getPath(),
                                response.statusCode(),
                                text.isBlank() ? "" : ", " + text),
                code);
    }
}
