package dev.respec.scorer.judge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.RewardUnavailableException;
import dev.respec.scorer.reward.ScoringInput;
import dev.respec.scorer.reward.SlowReward;
import dev.respec.stage.config.RewardSection.Http;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * {@code http}: rewards from a service of the user's own. Responses that arrive while a request is under way go with
 * the next one, at most {@code reward.http.batch} at a time; none waits for a batch to fill.
 *
 * <p>Request: {@code {"items": [{"prompt", "response", "reference", "finish_reason", "metadata"}, …]}}. Answer: {@code
 * {"rewards": [0.5, {"reward": 1.0, "parts": {"style": 0.5}}, null, …]}}, one for each item; {@code null} is no reward.
 */
public final class HttpReward implements SlowReward {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<Integer> NOT_THERE = Set.of(404, 405, 410);

    private final Http config;
    private final JsonService service;
    private final RewardCache cache;
    private final Semaphore requests;
    private final Deque<Waiting> waiting = new ArrayDeque<>();

    /** A response that no request has taken yet. */
    private record Waiting(ScoringInput input, CompletableFuture<Reward> reward) {}

    /**
     * Calls nothing yet.
     *
     * @param key bearer token; null for none
     * @throws dev.respec.scorer.reward.RewardFunctionException if a token is configured and not there
     */
    public HttpReward(Http config, @Nullable String key, JudgeErrors errors, Clock clock) {
        this.config = config;
        var access = new JsonService.Access(
                "reward.http",
                URI.create(config.url()),
                config.keyVariable(),
                config.timeout(),
                config.attempts(),
                config.backOff());
        this.service = new JsonService(access, key, errors, clock);
        this.cache = new RewardCache(config.cacheEntries());
        this.requests = new Semaphore(config.parallel(), true);
    }

    @Override
    public String name() {
        return "http";
    }

    /** Callers wait for their batch, so there are as many as batches hold. */
    @Override
    public int parallelCalls() {
        return Math.min(256, config.parallel() * config.batch());
    }

    /** Posts a list of no items. A service need not like that, so most statuses only say that it is there. */
    @Override
    public void requireAnswer(Duration timeout) {
        HttpResponse<String> response = service.ask(request(List.of()), timeout);
        if (NOT_THERE.contains(response.statusCode())) {
            throw service.refused(response, "correct the path, which has to take POST");
        }
        if (response.statusCode() == 200 && !isObject(response.body())) {
            throw service.refused(response, "its body is not a JSON object: is it a service of rewards?");
        }
    }

    private static boolean isObject(String body) {
        try {
            return JSON.readTree(body).isObject();
        } catch (JsonProcessingException notJson) {
            return false;
        }
    }

    @Override
    public Reward score(ScoringInput input) {
        String key = RewardCache.key(input);
        var known = cache.get(key);
        if (known.isPresent()) {
            return known.get();
        }
        var own = new Waiting(input, new CompletableFuture<>());
        synchronized (waiting) {
            waiting.add(own);
        }
        try {
            requests.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw service.unavailable("interrupted");
        }
        try {
            // Another caller's request may have taken this one along, and may still be under way.
            boolean sent = true;
            while (sent && !own.reward().isDone()) {
                sent = send(batch());
            }
        } finally {
            requests.release();
        }
        Reward reward = result(own);
        cache.put(key, reward);
        return reward;
    }

    private static Reward result(Waiting own) {
        try {
            return own.reward().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RewardUnavailableException unavailable) {
                throw unavailable;
            }
            throw e;
        }
    }

    private List<Waiting> batch() {
        var batch = new ArrayList<Waiting>();
        synchronized (waiting) {
            while (batch.size() < config.batch() && !waiting.isEmpty()) {
                batch.add(waiting.removeFirst());
            }
        }
        return batch;
    }

    /** Returns whether there was anything to send; every one of the batch has its reward or its exception then. */
    private boolean send(List<Waiting> batch) {
        if (batch.isEmpty()) {
            return false;
        }
        try {
            JsonNode rewards = service.post(request(batch)).path("rewards");
            if (!rewards.isArray() || rewards.size() != batch.size()) {
                throw service.malformed("an answer without 'rewards', a list of %d".formatted(batch.size()));
            }
            for (int i = 0; i < batch.size(); i++) {
                settle(batch.get(i), rewards.get(i));
            }
        } catch (RuntimeException e) {
            batch.forEach(each -> each.reward().completeExceptionally(e));
        }
        return true;
    }

    private void settle(Waiting waiting, JsonNode node) {
        try {
            waiting.reward().complete(reward(node));
        } catch (RewardUnavailableException e) {
            waiting.reward().completeExceptionally(e);
        }
    }

    private Reward reward(JsonNode node) {
        JsonNode value = node.isObject() ? node.path("reward") : node;
        if (!value.isNumber() || !Double.isFinite(value.asDouble())) {
            throw service.malformed("the reward %s, which is not a number".formatted(node));
        }
        Map<String, Double> parts = new HashMap<>();
        node.path("parts")
                .properties()
                .forEach(part -> parts.put(part.getKey(), part.getValue().asDouble()));
        return new Reward(value.asDouble(), parts);
    }

    private static JsonNode request(List<Waiting> batch) {
        ObjectNode request = JSON.createObjectNode();
        var items = request.putArray("items");
        for (Waiting each : batch) {
            ScoringInput input = each.input();
            items.addObject()
                    .put("prompt", input.prompt())
                    .put("response", input.response())
                    .put("reference", input.answer())
                    .put("finish_reason", input.finishReason().name().toLowerCase(Locale.ROOT))
                    .set("metadata", JSON.valueToTree(input.metadata()));
        }
        return request;
    }

    /** The client has no resources that outlive a call. */
    @Override
    public void close() {}
}
