package dev.respec.ops.cluster;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Asks stages at their health port whether they are ready, until each has once said so. */
public final class Readiness {
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofMillis(200)).build();
    private final Map<String, Integer> waitingFor;

    /** @param portByStage health port by stage name, in the order in which to report them */
    public Readiness(Map<String, Integer> portByStage) {
        waitingFor = new LinkedHashMap<>(portByStage);
    }

    /** Stages that have become ready since the last call. */
    public List<String> newlyReady() throws InterruptedException {
        List<String> ready = new ArrayList<>();
        for (Map.Entry<String, Integer> stage : waitingFor.entrySet()) {
            if (isReady(stage.getValue())) {
                ready.add(stage.getKey());
            }
        }
        ready.forEach(waitingFor::remove);
        return ready;
    }

    public boolean allReady() {
        return waitingFor.isEmpty();
    }

    private boolean isReady(int port) throws InterruptedException {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/readyz"))
                    .timeout(Duration.ofMillis(500))
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }
}
