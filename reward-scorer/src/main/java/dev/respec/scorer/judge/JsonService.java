package dev.respec.scorer.judge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.scorer.judge.JudgeErrors.Reason;
import dev.respec.scorer.reward.RewardFunctionException;
import dev.respec.scorer.reward.RewardUnavailableException;
import java.io.IOException;
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
import java.util.Optional;
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

    /** @throws RewardUnavailableException if no attempt gave JSON */
    JsonNode post(JsonNode body) {
        String text = body.toString();
        for (int attempt = 1; ; attempt++) {
            Miss miss;
            try {
                HttpResponse<String> response = client.send(request(text), HttpResponse.BodyHandlers.ofString());
                if (response.statusCode() == 200) {
                    return read(response.body());
                }
                miss = miss(response, attempt);
            } catch (HttpTimeoutException e) {
                miss = miss(Reason.TIMEOUT, "no answer within %s".formatted(access.timeout()), attempt);
            } catch (IOException e) {
                miss = miss(Reason.CONNECTION, String.valueOf(e.getMessage()), attempt);
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

    private HttpRequest request(String text) {
        var request = HttpRequest.newBuilder(access.uri())
                .timeout(access.timeout())
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(text));
        if (key != null) {
            request.header("Authorization", "Bearer " + key);
        }
        return request.build();
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
