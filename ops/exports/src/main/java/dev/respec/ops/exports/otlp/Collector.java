package dev.respec.ops.exports.otlp;

import dev.respec.ops.exports.run.TargetUnavailableException;
import dev.respec.stage.config.ConfigException;
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
     * @throws ConfigException if something else answers there
     * @throws TargetUnavailableException if nothing answers
     */
    public static void requireAnswer(String key, String endpoint) {
        try {
            int status = status(endpoint);
            if (status >= 500) {
                throw new TargetUnavailableException(told(key, endpoint, "it answers " + status));
            }
            if (status >= 300) {
                throw new ConfigException(told(key, endpoint, "it answers " + status));
            }
        } catch (IOException e) {
            throw new TargetUnavailableException(told(key, endpoint, "nothing answers there (" + e + ")"), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TargetUnavailableException(told(key, endpoint, "asking was interrupted"), e);
        }
    }

    private static String told(String key, String endpoint, String failure) {
        return "%s leads to %s, but %s: start the collector, or correct the address (OTLP over HTTP, usually port 4318)"
                .formatted(key, endpoint, failure);
    }

    private static int status(String endpoint) throws IOException, InterruptedException {
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(TIMEOUT)
                .build();
        HttpRequest request = HttpRequest.newBuilder(URI.create(endpoint))
                .timeout(TIMEOUT)
                .header("Content-Type", "application/x-protobuf")
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
}
