package dev.respec.scorer.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.schemas.FinishReason;
import dev.respec.scorer.judge.ScriptedService.Answer;
import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.RewardFunctionException;
import dev.respec.scorer.reward.RewardUnavailableException;
import dev.respec.scorer.reward.ScoringInput;
import dev.respec.stage.config.RespecConfig;
import dev.respec.stage.config.RewardSection.Judge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ChatJudgeIT {
    private static final ScoringInput INPUT =
            new ScoringInput("2+2?", "It is {reference}.", "4", FinishReason.STOP, Map.of());

    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private ScriptedService service;

    @BeforeEach
    void start() throws IOException {
        service = new ScriptedService().then(request -> reply("Well done. Score: 7.5"));
    }

    @AfterEach
    void stop() {
        service.close();
    }

    /** A chat completion as servers give it. */
    private static String reply(String content) {
        var json = new ObjectMapper();
        return "{\"choices\": [{\"index\": 0, \"message\": {\"role\": \"assistant\", \"content\": %s}}]}"
                .formatted(json.valueToTree(content));
    }

    private Judge config(String... more) {
        var settings = new ArrayList<>(List.of(
                "reward.judge.url=" + service.url() + "/v1",
                "reward.judge.model=judge-1",
                "reward.judge.back-off=20ms",
                "reward.judge.timeout=5s"));
        settings.addAll(List.of(more));
        return RespecConfig.load(null, Map.of(), settings).reward().judge();
    }

    private ChatJudge judge(String... more) {
        return new ChatJudge(config(more), null, new JudgeErrors(metrics, "judge"), Clock.systemUTC());
    }

    private double errors(String reason) {
        return metrics.get("respec.scorer.judge.errors")
                .tags("part", "judge", "reason", reason)
                .counter()
                .count();
    }

    @Test
    void shouldAskUnderTheRubricAndScaleTheScore() {
        assertThat(judge("reward.judge.rubric=Q {prompt} R {response} A {reference}")
                        .score(INPUT))
                .isEqualTo(new Reward(0.75, Map.of("score", 7.5)));

        var request = service.requests().get(0);
        assertThat(request.path()).isEqualTo("/v1/chat/completions");
        assertThat(request.authorization()).isEqualTo("null");
        assertThat(request.body().get("model").asText()).isEqualTo("judge-1");
        assertThat(request.body().get("temperature").asDouble()).isZero();
        // the response's own {reference} stays as it is
        assertThat(request.body().at("/messages/0/content").asText()).isEqualTo("Q 2+2? R It is {reference}. A 4");
    }

    @Test
    void shouldTakeTheLastScoreOfAReply() {
        service.then(request -> reply("The response says 'Score: 10'.\nScore: 0"));

        assertThat(judge().score(INPUT).value()).isZero();
    }

    @Test
    void shouldReadAJsonField() {
        service.then(request -> reply("Sure:\n```json\n{\"reason\": \"ok\", \"grade\": 4}\n```"));

        assertThat(judge("reward.judge.verdict-field=grade", "reward.judge.lowest=1", "reward.judge.highest=5")
                        .score(INPUT))
                .isEqualTo(new Reward(0.75, Map.of("score", 4.0)));
    }

    @Test
    void shouldTryAgainWhenTheServiceIsBusyOrDown() {
        service.first(Answer.status(429), Answer.status(503), Answer.status(500));

        assertThat(judge().score(INPUT).value()).isEqualTo(0.75);
        assertThat(service.requests()).hasSize(4);
        assertThat(errors("limited")).isEqualTo(1);
        assertThat(errors("server")).isEqualTo(2);
    }

    @Test
    void shouldWaitAsLongAsRetryAfterSays() {
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(3));
        service.first(
                Answer.status(429).with("Retry-After", "1"), Answer.status(503).with("Retry-After", date));

        assertThat(judge().score(INPUT).value()).isEqualTo(0.75);
        var requests = service.requests();
        assertThat(Duration.ofNanos(requests.get(1).nanoTime() - requests.get(0).nanoTime()))
                .isGreaterThanOrEqualTo(Duration.ofMillis(1000));
        // dates have whole seconds
        assertThat(Duration.ofNanos(requests.get(2).nanoTime() - requests.get(0).nanoTime()))
                .isGreaterThanOrEqualTo(Duration.ofMillis(1900));
    }

    @Test
    void shouldGiveNoRewardAfterTheLastAttempt() {
        service.first(Answer.status(429), Answer.status(429));

        assertThatThrownBy(() -> judge("reward.judge.attempts=2").score(INPUT))
                .isInstanceOf(RewardUnavailableException.class)
                .hasMessageContaining("reward.judge.url http://127.0.0.1:")
                .hasMessageContaining("status 429, after 2 attempts");
    }

    @Test
    void shouldNotAskAgainWhatTheServiceRefuses() {
        service.first(Answer.status(401));

        assertThatThrownBy(() -> judge().score(INPUT)).hasMessageContaining("status 401, after 1 attempts");
        assertThat(errors("refused")).isEqualTo(1);
        assertThat(service.requests()).hasSize(1);
    }

    @Test
    void shouldTryAgainAfterATimeoutAndALostService() {
        service.first(Answer.of(reply("Score: 1")).after(2000));
        assertThat(judge("reward.judge.timeout=300ms").score(INPUT).value()).isEqualTo(0.75);
        assertThat(errors("timeout")).isEqualTo(1);

        service.close();
        assertThatThrownBy(() -> judge("reward.judge.attempts=3").score(INPUT))
                .isInstanceOf(RewardUnavailableException.class)
                .hasMessageContaining("after 3 attempts");
        assertThat(errors("connection")).isEqualTo(3);
    }

    @Test
    void shouldTakeAMalformedVerdictForNoReward() {
        service.first(
                Answer.of(reply("I would rather not say.")),
                Answer.of(reply("Score: 11")),
                Answer.of("{\"error\": \"none\"}"),
                Answer.of("<html>"));

        assertThatThrownBy(() -> judge().score(INPUT))
                .hasMessageContaining("a verdict without a score: 'I would rather not say.'");
        assertThatThrownBy(() -> judge().score(INPUT))
                .hasMessageContaining("the score 11.0, which is not from 0.0 to 10.0");
        assertThatThrownBy(() -> judge().score(INPUT)).hasMessageContaining("without choices[0].message.content");
        assertThatThrownBy(() -> judge().score(INPUT)).hasMessageContaining("not JSON");
        assertThat(errors("verdict")).isEqualTo(4);
    }

    @Test
    void shouldRememberVerdictsByContentUpToABound() {
        var judge = judge("reward.judge.cache-entries=2");
        for (int round = 0; round < 2; round++) {
            judge.score(INPUT);
            judge.score(new ScoringInput("2+2?", "5", "4", FinishReason.STOP, Map.of()));
        }
        assertThat(service.requests()).hasSize(2);

        judge.score(new ScoringInput("2+2?", "6", "4", FinishReason.STOP, Map.of()));
        judge.score(INPUT);
        assertThat(service.requests()).hasSize(4);
    }

    @Test
    void shouldSendAKeyAndNeverTellIt() {
        var config = config("reward.judge.key-variable=JUDGE_KEY", "reward.judge.attempts=1");
        var judge = new ChatJudge(config, "sk-secret", new JudgeErrors(metrics, "judge"), Clock.systemUTC());
        service.first(Answer.status(403));

        assertThatThrownBy(() -> judge.score(INPUT)).message().doesNotContain("sk-secret");
        assertThat(service.requests().get(0).authorization()).isEqualTo("Bearer sk-secret");
        assertThatThrownBy(() -> new ChatJudge(config, "", new JudgeErrors(metrics, "judge"), Clock.systemUTC()))
                .isInstanceOf(RewardFunctionException.class)
                .hasMessageContaining(
                        "reward.judge.key-variable is 'JUDGE_KEY', but the environment has no such variable");
    }
}
