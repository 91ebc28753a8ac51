package dev.respec.ops.exports.mlflow;

import static dev.respec.ops.exports.mlflow.MlflowRules.require;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.respec.ops.exports.mlflow.MlflowRules.Refused;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The part of MLflow's REST interface that an export uses, as its reference documents it, on loopback. It refuses what
 * {@link MlflowRules} says, and then keeps nothing of the request.
 */
public final class MlflowServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String API = "/api/2.0/mlflow/";
    private static final String FILES = "/api/2.0/mlflow-artifacts/artifacts/";

    private final HttpServer server;
    private final Map<String, String> experiments = new ConcurrentHashMap<>();
    private final Map<String, Run> runs = new ConcurrentHashMap<>();
    private final Map<String, byte[]> artefacts = new ConcurrentHashMap<>();
    private final List<String> authorisations = new CopyOnWriteArrayList<>();
    private final Set<String> deletedExperiments = ConcurrentHashMap.newKeySet();
    private volatile boolean down;

    /** What is kept of a run. */
    public static final class Run {
        final String id;
        final String experimentId;
        final String name;
        String status = "RUNNING";
        final Map<String, String> tags = new TreeMap<>();
        final Map<String, String> parameters = new TreeMap<>();
        /** Key, step, timestamp and value: a server keeps equal ones once. */
        final Map<String, Double> metrics = new LinkedHashMap<>();

        Run(String id, String experimentId, String name) {
            this.id = id;
            this.experimentId = experimentId;
            this.name = name;
        }

        public String name() {
            return name;
        }

        public String status() {
            return status;
        }

        public Map<String, String> tags() {
            return tags;
        }

        public Map<String, String> parameters() {
            return parameters;
        }

        /** Values by {@code key@step@timestamp}. */
        public Map<String, Double> metrics() {
            return metrics;
        }
    }

    private MlflowServer(HttpServer server) {
        this.server = server;
        server.createContext("/", this::handle);
        server.start();
    }

    public static MlflowServer start() {
        try {
            return new MlflowServer(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** While it is down, it answers 503. */
    public void down(boolean isDown) {
        down = isDown;
    }

    /** As {@code mlflow experiments delete} does: the name stays taken. */
    public void deleteExperiment(String name) {
        deletedExperiments.add(name);
    }

    public Map<String, Run> runs() {
        return runs;
    }

    public Map<String, byte[]> artefacts() {
        return artefacts;
    }

    public List<String> authorisations() {
        return authorisations;
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
                    .ifPresent(authorisations::add);
            byte[] body = exchange.getRequestBody().readAllBytes();
            String answer;
            int status = 200;
            try {
                answer = down ? "down" : answer(exchange, body);
                status = down ? 503 : 200;
            } catch (Refused e) {
                status = e.status;
                answer = JSON.createObjectNode()
                        .put("error_code", e.code)
                        .put("message", e.getMessage())
                        .toString();
            }
            byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private String answer(HttpExchange exchange, byte[] body) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String method = exchange.getRequestMethod();
        if (method.equals("PUT") && path.startsWith(FILES)) {
            MlflowRules.requirePath(path.substring(FILES.length()));
            artefacts.put(path.substring(FILES.length()), body);
            return "{}";
        }
        JsonNode asked = body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body);
        String call = method + " " + path.substring(path.startsWith(API) ? API.length() : 0);
        switch (call) {
            case "POST experiments/search":
                require(asked, "max_results");
                return "{}";
            case "GET experiments/get-by-name":
                return experiment(exchange.getRequestURI().getQuery()).toString();
            case "POST experiments/create":
                createExperiment(require(asked, "name").asText());
                return JSON.createObjectNode()
                        .put("experiment_id", experiments.get(asked.path("name").asText()))
                        .toString();
            case "POST runs/search":
                return search(asked).toString();
            case "POST runs/create":
                return JSON.createObjectNode().set("run", json(create(asked))).toString();
            case "POST runs/log-batch":
                log(asked, body.length);
                return "{}";
            case "POST runs/update":
                run(asked).status = require(asked, "status").asText();
                require(asked, "end_time");
                return "{}";
            default:
                throw new Refused(404, "ENDPOINT_NOT_FOUND", call);
        }
    }

    private void createExperiment(String name) {
        if (experiments.containsKey(name)) {
            throw new Refused(400, "RESOURCE_ALREADY_EXISTS", "Experiment '" + name + "' already exists");
        }
        experiments.put(name, Integer.toString(experiments.size() + 1));
    }

    private ObjectNode experiment(String query) {
        String name = query.substring("experiment_name=".length());
        String id = experiments.get(name);
        if (id == null) {
            throw new Refused(404, "RESOURCE_DOES_NOT_EXIST", "No experiment " + name);
        }
        ObjectNode found = JSON.createObjectNode();
        found.putObject("experiment")
                .put("experiment_id", id)
                .put("name", name)
                .put("lifecycle_stage", deletedExperiments.contains(name) ? "deleted" : "active");
        return found;
    }

    private ObjectNode search(JsonNode asked) {
        require(asked, "experiment_ids");
        String filter = require(asked, "filter").asText();
        ObjectNode found = JSON.createObjectNode();
        ArrayNode all = found.putArray("runs");
        runs.values().stream()
                .filter(run -> filter.equals("tags.`respec.run.id` = '%s'".formatted(run.tags.get("respec.run.id"))))
                .filter(run -> run.experimentId.equals(
                        asked.path("experiment_ids").path(0).asText()))
                .forEach(run -> all.add(json(run)));
        return found;
    }

    private Run create(JsonNode asked) {
        require(asked, "start_time");
        Run run = new Run(
                "id" + runs.size(),
                require(asked, "experiment_id").asText(),
                require(asked, "run_name").asText());
        asked.path("tags").forEach(MlflowRules::requireTag);
        put(asked.path("tags"), run.tags);
        runs.put(run.id, run);
        return run;
    }

    private void log(JsonNode asked, int bytes) {
        Run run = run(asked);
        MlflowRules.requireBatch(asked, bytes, run.parameters);
        asked.path("metrics")
                .forEach(metric -> run.metrics.put(
                        "%s@%d@%d"
                                .formatted(
                                        metric.path("key").asText(),
                                        metric.path("step").asLong(),
                                        metric.path("timestamp").asLong()),
                        metric.path("value").asDouble()));
        put(asked.path("params"), run.parameters);
        put(asked.path("tags"), run.tags);
    }

    private static void put(JsonNode entries, Map<String, String> kept) {
        entries.forEach(entry ->
                kept.put(entry.path("key").asText(), entry.path("value").asText()));
    }

    private Run run(JsonNode asked) {
        Run run = runs.get(require(asked, "run_id").asText());
        if (run == null) {
            throw new Refused(404, "RESOURCE_DOES_NOT_EXIST", "no such run");
        }
        return run;
    }

    private static ObjectNode json(Run run) {
        ObjectNode json = JSON.createObjectNode();
        json.putObject("info")
                .put("run_id", run.id)
                .put("experiment_id", run.experimentId)
                .put("status", run.status)
                .put("artifact_uri", "mlflow-artifacts:/" + run.experimentId + "/" + run.id + "/artifacts");
        ObjectNode data = json.putObject("data");
        entries(data.putArray("tags"), run.tags);
        entries(data.putArray("params"), run.parameters);
        return json;
    }

    private static void entries(ArrayNode shown, Map<String, String> kept) {
        kept.forEach((key, value) -> shown.addObject().put("key", key).put("value", value));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
