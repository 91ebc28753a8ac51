package dev.respec.ops.exports.otlp;

import dev.respec.stage.BadInputException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Checks whether a collector answers. */
public final class Collector {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private Collector() {}

    /**
     * Sends an export request without content, which every collector takes.
     *
     * @param key that names the address, for the message
     * @param endpoint with the path of the signal
     * @throws BadInputException if nothing answers there, or something else
     */
    public static void requireAnswer(String key, String endpoint) {
        String failure = failure(endpoint);
        if (!failure.isEmpty()) {
            throw new BadInputException(
                    "%s leads to %s, but %s: start the collector, or correct the address (OTLP over HTTP, usually port 4318)"
                            .formatted(key, endpoint, failure));
        }
    }

    private static String failure(String endpoint) {
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(TIMEOUT)
                .build();
        HttpRequest request = HttpRequest.newBuilder(URI.create(endpoint))
                .timeout(TIMEOUT)
                .header("Content-Type", "application/x-protobuf")
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        try {
            int status =
                    client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            return status < 300 ? "" : "it answers %d".formatted(status);
        } catch (IOException e) {
            return "nothing answers there (" + e + ")";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "asking was interrupted";
        }
    }
}
