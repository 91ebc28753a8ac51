package dev.respec.scorer.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.respec.schemas.FinishReason;
import dev.respec.scorer.judge.ScriptedService.Answer;
import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.RewardUnavailableException;
import dev.respec.scorer.reward.ScoringInput;
import dev.respec.stage.config.RespecConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class HttpRewardIT {
    private ScriptedService service;

    @BeforeEach
    void start() throws IOException {
        service = new ScriptedService().then(HttpRewardIT::lengths);
    }

    @AfterEach
    void stop() {
        service.close();
    }

    /** The length of each response. */
    private static String lengths(JsonNode request) {
        return StreamSupport.stream(request.get("items").spliterator(), false)
                .map(item -> Integer.toString(item.get("response").asText().length()))
                .collect(Collectors.joining(", ", "{\"rewards\": [", "]}"));
    }

    private HttpReward reward(String... more) {
        var settings = new ArrayList<>(List.of(
                "reward.http.url=" + service.url() + "/score", "reward.http.back-off=10ms", "reward.http.timeout=10s"));
        settings.addAll(List.of(more));
        return new HttpReward(
                RespecConfig.load(null, Map.of(), settings).reward().http(),
                null,
                new JudgeErrors(new SimpleMeterRegistry(), "http"),
                Clock.systemUTC());
    }

    private static ScoringInput input(String response) {
        return new ScoringInput("q", response, "a", FinishReason.LENGTH, Map.of("level", "3"));
    }

    @Test
    void shouldPostWhatIsDocumented() {
        assertThat(reward().score(input("four"))).isEqualTo(Reward.of(4));

        var request = service.requests().get(0);
        assertThat(request.path()).isEqualTo("/score");
        assertThat(request.body())
                .hasToString(
                        "{\"items\":[{\"prompt\":\"q\",\"response\":\"four\",\"reference\":\"a\",\"finish_reason\":\"length\",\"metadata\":{\"level\":\"3\"}}]}");
    }

    @Test
    void shouldReadRewardsWithParts() {
        service.first(Answer.of("{\"rewards\": [{\"reward\": 0.5, \"parts\": {\"style\": 1, \"facts\": 0}}]}"));

        assertThat(reward().score(input(""))).isEqualTo(new Reward(0.5, Map.of("style", 1.0, "facts", 0.0)));
    }

    @Test
    void shouldPutWhatWaitsIntoOneRequestWithinBothBounds() {
        service.slowedBy(100);
        var reward = reward("reward.http.batch=8", "reward.http.parallel=2");
        var threads = Executors.newFixedThreadPool(40);
        try {
            var rewards = IntStream.range(0, 40)
                    .mapToObj(i -> CompletableFuture.supplyAsync(() -> reward.score(input("x".repeat(i))), threads))
                    .toList();
            for (int i = 0; i < 40; i++) {
                assertThat(rewards.get(i).join()).isEqualTo(Reward.of(i));
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(service.mostRunning()).isLessThanOrEqualTo(2);
        assertThat(service.requests())
                .allSatisfy(request ->
                        assertThat(request.body().get("items").size()).isBetween(1, 8));
        assertThat(service.requests().size()).isBetween(5, 20);
    }

    @Test
    void shouldTryTheWholeBatchAgain() {
        service.first(Answer.status(429), Answer.status(502));

        assertThat(reward().score(input("four"))).isEqualTo(Reward.of(4));
        assertThat(service.requests()).hasSize(3);
    }

    @Test
    void shouldTakeWhatIsNoNumberForNoReward() {
        service.first(
                Answer.of("{\"rewards\": [null]}"),
                Answer.of("{\"rewards\": []}"),
                Answer.of("{\"rewards\": [\"good\"]}"),
                Answer.of("[1]"));

        for (int i = 0; i < 4; i++) {
            assertThatThrownBy(() -> reward().score(input("")))
                    .isInstanceOf(RewardUnavailableException.class)
                    .hasMessageContaining("reward.http.url");
        }
        assertThat(reward().score(input("x"))).isEqualTo(Reward.of(1));
    }

    @Test
    void shouldFailOnlyTheItemThatHasNoReward() {
        service.slowedBy(200)
                .then(request -> StreamSupport.stream(request.get("items").spliterator(), false)
                        .map(item -> item.get("response").asText().equals("bad") ? "null" : "1")
                        .collect(Collectors.joining(", ", "{\"rewards\": [", "]}")));
        var reward = reward("reward.http.parallel=1");
        var threads = Executors.newFixedThreadPool(6);
        try {
            var rewards = List.of("a", "b", "bad", "c", "d", "e").stream()
                    .map(response -> CompletableFuture.supplyAsync(() -> reward.score(input(response)), threads)
                            .handle((value, failure) -> failure == null))
                    .toList();
            assertThat(rewards.stream().map(CompletableFuture::join))
                    .containsExactly(true, true, false, true, true, true);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void shouldRememberRewardsByContent() {
        var reward = reward();
        reward.score(input("a"));
        reward.score(input("a"));
        reward.score(input("b"));

        assertThat(service.requests()).hasSize(2);
    }
}
