package dev.respec.scorer.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.respec.scorer.RewardServices;
import dev.respec.scorer.judge.ScriptedService.Answer;
import dev.respec.scorer.reward.RewardFunction;
import dev.respec.scorer.reward.RewardFunctionException;
import dev.respec.scorer.reward.RewardFunctions;
import dev.respec.stage.UnreachableException;
import dev.respec.stage.config.RespecConfig;
import dev.respec.stage.config.RewardSection;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run is told of the services of its rewards before it begins. */
@Timeout(60)
class ServiceStartIT {
    private static final String COMPLETION = "{\"choices\": [{\"message\": {\"content\": null}}]}";

    private final List<String> waited = new ArrayList<>();
    private ScriptedService service;

    @BeforeEach
    void start() throws IOException {
        service = new ScriptedService().then(ServiceStartIT::answer);
    }

    @AfterEach
    void stop() {
        service.close();
    }

    /** As an OpenAI-compatible server, or as a service of rewards. */
    private static String answer(JsonNode request) {
        return request.has("items") ? "{\"rewards\": []}" : COMPLETION;
    }

    private RewardFunction http(String... more) {
        RewardSection reward = section(more);
        return new HttpReward(
                reward.http(), "sk-secret", new JudgeErrors(new SimpleMeterRegistry(), "http"), Clock.systemUTC());
    }

    private RewardFunction judge(String... more) {
        RewardSection reward = section(more);
        return new ChatJudge(
                reward.judge(), "sk-secret", new JudgeErrors(new SimpleMeterRegistry(), "judge"), Clock.systemUTC());
    }

    private RewardSection section(String... more) {
        List<String> settings = new ArrayList<>(List.of(
                "reward.http.url=" + service.url() + "/score",
                "reward.judge.url=" + service.url() + "/v1",
                "reward.judge.model=judge-1"));
        settings.addAll(List.of(more));
        return RespecConfig.load(null, Map.of(), settings).reward();
    }

    private void begin(Duration most, RewardFunction function) {
        RewardServices.requireAnswers(RewardFunctions.of(List.of(function)), most, () -> false, waited::add);
    }

    @Test
    void shouldAskEachServiceOnceAndCheaply() {
        begin(Duration.ofSeconds(20), http());
        begin(Duration.ofSeconds(20), judge());

        assertThat(service.requests()).hasSize(2);
        assertThat(service.requests().get(0).body()).hasToString("{\"items\":[]}");
        assertThat(service.requests().get(1).path()).isEqualTo("/v1/chat/completions");
        assertThat(service.requests().get(1).body().path("model").asText()).isEqualTo("judge-1");
        assertThat(service.requests().get(1).body().path("max_tokens").asInt()).isEqualTo(1);
        assertThat(waited).isEmpty();
    }

    @Test
    void shouldAskNobodyWithoutTime() {
        begin(Duration.ZERO, judge());

        assertThat(service.requests()).isEmpty();
    }

    @Test
    void shouldWaitForAServiceThatStarts() {
        service.first(Answer.status(503), Answer.status(502), Answer.status(500));

        begin(Duration.ofSeconds(20), judge());

        assertThat(service.requests()).hasSize(4);
        assertThat(waited).singleElement().asString().contains("reward.judge.url " + service.url(), "status 503");
    }

    @Test
    void shouldSayThatNothingAnswers() {
        RewardFunction judge = judge();
        RewardFunction http = http();
        service.close();

        for (RewardFunction function : List.of(judge, http)) {
            assertThatThrownBy(() -> begin(Duration.ofMillis(600), function))
                    .isInstanceOf(UnreachableException.class)
                    .hasMessageStartingWith("reward." + function.name() + ".url " + service.url())
                    .hasMessageContaining(": cannot connect; asked for 600 ms: start the service, correct the address")
                    .hasMessageContaining("reward.start-timeout");
        }
        assertThat(waited).hasSize(2);
    }

    @Test
    void shouldEndWithItsCaller() {
        RewardFunction judge = judge();
        service.close();

        RewardServices.requireAnswers(
                RewardFunctions.of(List.of(judge)), Duration.ofHours(1), () -> !waited.isEmpty(), waited::add);

        assertThat(waited).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "401, it wants a token: name the environment variable that holds it in reward.judge.key-variable",
        "403, it wants a token",
        "404, does it serve reward.judge.model 'judge-1' below this address?",
        "400, does it serve reward.judge.model 'judge-1'",
        "307, name the address that it leads to"
    })
    void shouldSayWhatAJudgeRefuses(int status, String remedy) {
        service.first(Answer.status(status));

        assertThatThrownBy(() -> begin(Duration.ofSeconds(20), judge()))
                .isInstanceOf(RewardFunctionException.class)
                .hasMessageStartingWith("reward.judge.url %s/v1/chat/completions answers with status %d: "
                        .formatted(service.url(), status))
                .hasMessageContaining(remedy);
    }

    @Test
    void shouldNameTheModelsThatAJudgeHas() {
        service.first(
                new Answer(404, "{\"error\": {\"message\": \"The model `judge-1`\\n does not exist.\"}}", Map.of(), 0),
                Answer.of("{\"data\": [{\"id\": \"small\"}, {\"id\": \"large\"}]}"));

        assertThatThrownBy(() -> begin(Duration.ofSeconds(20), judge()))
                .hasMessageEndingWith(" answers with status 404 (The model `judge-1` does not exist.): does it serve"
                        + " reward.judge.model 'judge-1' below this address? It has small, large");
        assertThat(service.requests().get(1).path()).isEqualTo("/v1/models");
    }

    @Test
    void shouldNameTheVariableOfAWrongTokenAndNotTheToken() {
        service.first(Answer.status(401), Answer.status(403));

        assertThatThrownBy(() -> begin(Duration.ofSeconds(20), judge("reward.judge.key-variable=JUDGE_KEY")))
                .hasMessageEndingWith(
                        "correct the token in the environment variable JUDGE_KEY (reward.judge.key-variable)")
                .hasMessageNotContaining("sk-secret");
        assertThatThrownBy(() -> begin(Duration.ofSeconds(20), http("reward.http.key-variable=SCORE_KEY")))
                .hasMessageEndingWith("the environment variable SCORE_KEY (reward.http.key-variable)");
        assertThat(service.requests().get(0).authorization()).isEqualTo("Bearer sk-secret");
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 405})
    void shouldSayThatAServiceHasNoSuchPath(int status) {
        service.first(Answer.status(status));

        assertThatThrownBy(() -> begin(Duration.ofSeconds(20), http()))
                .isInstanceOf(RewardFunctionException.class)
                .hasMessageEndingWith(
                        "/score answers with status " + status + ": correct the path, which has to take POST");
    }

    /** It is there, and a list without items need not please it. */
    @ParameterizedTest
    @ValueSource(ints = {400, 422, 500})
    void shouldTakeAServiceThatRefusesAnEmptyList(int status) {
        service.first(Answer.status(status));

        begin(Duration.ofSeconds(20), http());

        assertThat(service.requests()).hasSize(1);
    }

    @Test
    void shouldNotTakeAPageForAService() {
        service.first(Answer.of("<html>"), Answer.of("<html>"));

        assertThatThrownBy(() -> begin(Duration.ofSeconds(20), http()))
                .hasMessageContaining("is it a service of rewards?");
        assertThatThrownBy(() -> begin(Duration.ofSeconds(20), judge()))
                .isInstanceOf(RewardFunctionException.class)
                .hasMessageContaining("answers with status 200: does it serve");
    }
}
