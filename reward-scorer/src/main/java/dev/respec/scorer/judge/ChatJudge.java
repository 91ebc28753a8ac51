package dev.respec.scorer.judge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.ScoringInput;
import dev.respec.scorer.reward.SlowReward;
import dev.respec.stage.config.RewardSection.Judge;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code judge}: a language model is asked for a score under a rubric, at temperature 0; the score becomes a reward
 * from 0 to 1. A reply without a score, or with one outside the scale, gives no reward.
 */
public final class ChatJudge implements SlowReward {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PATH = "/chat/completions";
    private static final Pattern PLACE = Pattern.compile("\\{(prompt|response|reference)}");

    private static final int MOST_NAMED = 5;

    private final Judge config;
    private final String base;
    private final JsonService service;
    private final RewardCache cache;
    private final Pattern verdict;

    /**
     * Calls nothing yet.
     *
     * @param key bearer token; null for none
     * @throws dev.respec.scorer.reward.RewardFunctionException if a token is configured and not there
     */
    public ChatJudge(Judge config, @Nullable String key, JudgeErrors errors, Clock clock) {
        this.config = config;
        String url = config.url().replaceAll("/+$", "");
        this.base = url.endsWith(PATH) ? url.substring(0, url.length() - PATH.length()) : url;
        var access = new JsonService.Access(
                "reward.judge",
                URI.create(base + PATH),
                config.keyVariable(),
                config.timeout(),
                config.attempts(),
                config.backOff());
        this.service = new JsonService(access, key, errors, clock);
        this.cache = new RewardCache(config.cacheEntries());
        this.verdict = Pattern.compile(config.verdict());
    }

    @Override
    public String name() {
        return "judge";
    }

    @Override
    public int parallelCalls() {
        return config.parallel();
    }

    /** Asks for one token: only a completion says that address, token and model are right. */
    @Override
    public void requireAnswer(Duration timeout) {
        HttpResponse<String> response = service.ask(request("Reply with OK.", 1), timeout);
        if (response.statusCode() >= 500) {
            throw service.unavailable("status %d".formatted(response.statusCode()));
        }
        if (response.statusCode() != 200 || !hasChoices(response.body())) {
            throw service.refused(
                    response,
                    "does it serve reward.judge.model '%s' below this address?%s"
                            .formatted(config.model(), models(timeout)));
        }
    }

    private String models(Duration timeout) {
        List<String> models = service.models(URI.create(base + "/models"), timeout);
        return models.isEmpty()
                ? ""
                : " It has " + models.stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
    }

    private static boolean hasChoices(String body) {
        try {
            return JSON.readTree(body).path("choices").isArray();
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
        JsonNode reply = service.post(request(rubric(input), config.maxTokens()));
        JsonNode content = reply.path("choices").path(0).path("message").path("content");
        if (!content.isTextual()) {
            throw service.malformed("an answer without choices[0].message.content");
        }
        double score = score(content.asText())
                .orElseThrow(
                        () -> service.malformed("a verdict without a score: '%s'".formatted(end(content.asText()))));
        if (score < config.lowest() || score > config.highest()) {
            throw service.malformed("the score %s, which is not from %s to %s (reward.judge.lowest, highest)"
                    .formatted(score, config.lowest(), config.highest()));
        }
        double value = (score - config.lowest()) / (config.highest() - config.lowest());
        var reward = new Reward(value, Map.of("score", score));
        cache.put(key, reward);
        return reward;
    }

    private JsonNode request(String turn, int mostTokens) {
        ObjectNode request = JSON.createObjectNode()
                .put("model", config.model())
                .put("temperature", 0)
                .put("max_tokens", mostTokens);
        request.putArray("messages").addObject().put("role", "user").put("content", turn);
        return request;
    }

    /** Places are filled in one pass: a response that contains {@code {reference}} does not get it. */
    private String rubric(ScoringInput input) {
        return PLACE.matcher(config.rubric())
                .replaceAll(place -> Matcher.quoteReplacement(
                        switch (place.group(1)) {
                            case "prompt" -> input.prompt();
                            case "response" -> input.response();
                            default -> input.answer();
                        }));
    }

    private OptionalDouble score(String reply) {
        if (!config.verdictField().isEmpty()) {
            return field(reply);
        }
        String last = null;
        for (Matcher found = verdict.matcher(reply); found.find(); ) {
            last = found.group(1);
        }
        return number(last);
    }

    /** Judges like to put their JSON into a fenced block, or a sentence before it. */
    private OptionalDouble field(String reply) {
        int start = reply.indexOf('{');
        int end = reply.lastIndexOf('}');
        if (start < 0 || end < start) {
            return OptionalDouble.empty();
        }
        try {
            JsonNode value = JSON.readTree(reply.substring(start, end + 1)).path(config.verdictField());
            return value.isNumber() || value.isTextual() ? number(value.asText()) : OptionalDouble.empty();
        } catch (JsonProcessingException e) {
            return OptionalDouble.empty();
        }
    }

    private static OptionalDouble number(@Nullable String text) {
        if (text == null) {
            return OptionalDouble.empty();
        }
        try {
            double value = Double.parseDouble(text.strip());
            return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
        } catch (NumberFormatException e) {
            return OptionalDouble.empty();
        }
    }

    private static String end(String text) {
        String stripped = text.strip();
        return stripped.length() <= 80 ? stripped : "…" + stripped.substring(stripped.length() - 80);
    }

    /** The client has no resources that outlive a call. */
    @Override
    public void close() {}
}
