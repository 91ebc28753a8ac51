package dev.respec.scorer.judge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.scorer.judge.JudgeErrors.Reason;
import dev.respec.scorer.reward.RewardFunctionException;
import dev.respec.scorer.reward.RewardUnavailableException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Posts JSON and reads JSON. A lost connection, a timeout, 429 and 5xx are tried again after a pause that doubles, with
 * jitter, or that {@code Retry-After} names, up to {@link #LONGEST_PAUSE}; any other answer is final. Thread-safe.
 */
final class JsonService {
    static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TOO_MANY = 429;
    private static final int UNAUTHORISED = 401;
    private static final int FORBIDDEN = 403;
    private static final int MOST_MESSAGE = 200;
    /** While a service starts, a gateway before it answers for it. */
    private static final Set<Integer> BUSY = Set.of(TOO_MANY, 502, 503, 504);

    /**
     * How a service is called.
     *
     * @param section of the configuration, for messages
     * @param keyVariable environment variable with the bearer token; empty for none
     */
    record Access(String section, URI uri, String keyVariable, Duration timeout, int attempts, Duration backOff) {}

    private final Access access;
    private final @Nullable String key;
    private final JudgeErrors errors;
    private final Clock clock;
    private final HttpClient client;

    /** @throws RewardFunctionException if the environment has no such variable */
    JsonService(Access access, @Nullable String key, JudgeErrors errors, Clock clock) {
        if (!access.keyVariable().isEmpty() && (key == null || key.isBlank())) {
            throw new RewardFunctionException(
                    "%s.key-variable is '%s', but the environment has no such variable: set it"
                            .formatted(access.section(), access.keyVariable()));
        }
        this.access = access;
        this.key = access.keyVariable().isEmpty() || key == null ? null : key.strip();
        this.errors = errors;
        this.clock = clock;
        this.client = HttpClient.newBuilder()
                .connectTimeout(access.timeout())
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    /** An attempt that gave nothing. */
    private record Miss(Reason reason, String what, Duration pause, boolean again) {}

    /**
     * One attempt, whatever the status.
     *
     * @throws RewardUnavailableException if nothing answers, or a status says that something may later
     * @throws RewardFunctionException if the answer says that the address or the token is wrong
     */
    HttpResponse<String> ask(JsonNode body, Duration timeout) {
        HttpResponse<String> response;
        try {
            response = client.send(request(body.toString(), timeout), HttpResponse.BodyHandlers.ofString());
        } catch (HttpTimeoutException e) {
            throw unavailable("no answer within %s".formatted(timeout));
        } catch (IOException e) {
            throw unavailable(reason(e));
        } catch (InterruptedException e) {
            throw interrupted();
        }
        int status = response.statusCode();
        if (BUSY.contains(status)) {
            throw unavailable("status %d".formatted(status));
        }
        if (status == UNAUTHORISED || status == FORBIDDEN) {
            throw refused(
                    response,
                    access.keyVariable().isEmpty()
                            ? "it wants a token: name the environment variable that holds it in %s.key-variable"
                                    .formatted(access.section())
                            : "correct the token in the environment variable %s (%s.key-variable)"
                                    .formatted(access.keyVariable(), access.section()));
        }
        if (status / 100 == 3) {
            throw refused(response, "name the address that it leads to");
        }
        return response;
    }

    /** The models that the service has, for a message; empty if it does not say. */
    List<String> models(URI list, Duration timeout) {
        try {
            HttpResponse<String> response =
                    client.send(authorised(list, timeout).GET().build(), HttpResponse.BodyHandlers.ofString());
            List<String> models = new ArrayList<>();
            JSON.readTree(response.body())
                    .path("data")
                    .forEach(model -> models.add(model.path("id").asText()));
            return models;
        } catch (IOException unknown) {
            return List.of();
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    /** What the answer says that it refuses, and what to do about it. */
    RewardFunctionException refused(HttpResponse<String> response, String remedy) {
        return new RewardFunctionException("%s.url %s answers with status %d%s: %s"
                .formatted(access.section(), access.uri(), response.statusCode(), message(response.body()), remedy));
    }

    /** As OpenAI-compatible services and FastAPI write it; empty if the body has none. */
    private static String message(String body) {
        try {
            JsonNode answer = JSON.readTree(body);
            for (String field : List.of("/error/message", "/message", "/detail", "/error")) {
                JsonNode text = answer.at(field);
                if (text.isTextual() && !text.asText().isBlank()) {
                    String line = text.asText().strip().replaceAll("\\s+", " ");
                    return " (" + line.substring(0, Math.min(line.length(), MOST_MESSAGE)) + ")";
                }
            }
        } catch (JsonProcessingException notJson) {
            // the status says enough
        }
        return "";
    }

    private static String reason(IOException e) {
        return e.getMessage() != null
                ? e.getMessage()
                : e instanceof ConnectException ? "cannot connect" : e.toString();
    }

    /** @throws RewardUnavailableException if no attempt gave JSON */
    JsonNode post(JsonNode body) {
        String text = body.toString();
        for (int attempt = 1; ; attempt++) {
            Miss miss;
            try {
                HttpResponse<String> response =
                        client.send(request(text, access.timeout()), HttpResponse.BodyHandlers.ofString());
                if (response.statusCode() == 200) {
                    return read(response.body());
                }
                miss = miss(response, attempt);
            } catch (HttpTimeoutException e) {
                miss = miss(Reason.TIMEOUT, "no answer within %s".formatted(access.timeout()), attempt);
            } catch (IOException e) {
                miss = miss(Reason.CONNECTION, reason(e), attempt);
            } catch (InterruptedException e) {
                throw interrupted();
            }
            errors.count(miss.reason());
            if (!miss.again() || attempt >= access.attempts()) {
                throw unavailable("%s, after %d attempts".formatted(miss.what(), attempt));
            }
            pause(miss.pause());
        }
    }

    private HttpRequest request(String text, Duration timeout) {
        return authorised(access.uri(), timeout)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(text))
                .build();
    }

    private HttpRequest.Builder authorised(URI uri, Duration timeout) {
        var request = HttpRequest.newBuilder(uri).timeout(timeout).header("Accept", "application/json");
        return key == null ? request : request.header("Authorization", "Bearer " + key);
    }

    private JsonNode read(String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw malformed("an answer that is not JSON");
        }
    }

    private Miss miss(Reason reason, String what, int attempt) {
        return new Miss(reason, what, backOff(attempt), true);
    }

    private Miss miss(HttpResponse<String> response, int attempt) {
        int status = response.statusCode();
        boolean again = status == TOO_MANY || status >= 500;
        Reason reason = status == TOO_MANY ? Reason.LIMITED : again ? Reason.SERVER : Reason.REFUSED;
        Duration pause = response.headers()
                .firstValue("Retry-After")
                .flatMap(this::retryAfter)
                .orElseGet(() -> backOff(attempt));
        return new Miss(reason, "status %d".formatted(status), pause, again);
    }

    /** Seconds, or a date. */
    private Optional<Duration> retryAfter(String value) {
        try {
            if (value.matches("[0-9]{1,9}")) {
                return Optional.of(bounded(Duration.ofSeconds(Long.parseLong(value))));
            }
            Instant until = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return Optional.of(bounded(Duration.between(clock.instant(), until)));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** Doubled after each attempt; between half of that and all of it, so that callers do not come back together. */
    private Duration backOff(int attempt) {
        Duration whole = bounded(access.backOff().multipliedBy(1L << Math.min(attempt - 1, 16)));
        return Duration.ofMillis(
                whole.toMillis() / 2 + ThreadLocalRandom.current().nextLong(whole.toMillis() / 2 + 1));
    }

    private static Duration bounded(Duration pause) {
        if (pause.isNegative()) {
            return Duration.ZERO;
        }
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }

    private void pause(Duration pause) {
        try {
            Thread.sleep(pause.toMillis());
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private RewardUnavailableException interrupted() {
        Thread.currentThread().interrupt();
        return unavailable("interrupted");
    }

    /** An answer that holds no reward: counted here, by whoever reads it. */
    RewardUnavailableException malformed(String what) {
        errors.count(Reason.VERDICT);
        return unavailable(what);
    }

    /** Names service and cause, never the key. */
    RewardUnavailableException unavailable(String what) {
        return new RewardUnavailableException("%s.url %s: %s".formatted(access.section(), access.uri(), what));
    }
}
