package dev.respec.ops.paper.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.SamplingParameters;
import dev.respec.schemas.TrustedEvents;
import dev.respec.trainer.admission.RequestMarks;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConditionsTest {
    static {
        TrustedEvents.trust();
    }

    @Test
    void shouldNotDependOnTheArmNorOnWhatWasAskedAgainOrAhead() {
        List<RolloutRequest> plain = requests("plain-1", "What is 1 + %d?", 0);
        List<RolloutRequest> adaptive = new ArrayList<>(requests("adaptive-1", "What is 1 + %d?", 0));
        adaptive.add(request("adaptive-1", 4, "What is 1 + 1?", 1, 1, 99)); // again
        adaptive.add(request("adaptive-1", 5, "What is 1 + 9?", 4, 0, 98)); // ahead of the last step

        assertThat(of(adaptive)).isEqualTo(of(plain));
    }

    @Test
    void shouldTellOtherPromptsOtherSeedsAndOtherBuilds() {
        RunMeasurements plain = run("plain", of(requests("plain-1", "What is 1 + %d?", 0)));

        assertThat(Conditions.difference(plain, run("same", of(requests("same-1", "What is 1 + %d?", 0)))))
                .isEmpty();
        assertThat(Conditions.difference(plain, run("other", of(requests("other-1", "What is 2 + %d?", 0)))))
                .contains("seed 1: plain and other had other prompts, so their difference is not that of their arms");
        assertThat(Conditions.difference(plain, run("other", of(requests("other-1", "What is 1 + %d?", 7)))))
                .hasValueSatisfying(text -> assertThat(text).contains("had other seeds"));
        assertThat(Conditions.difference(
                        plain, run("later", Conditions.of("0.2", requests("later-1", "What is 1 + %d?", 0), 4, 2))))
                .hasValueSatisfying(text -> assertThat(text).contains("had other builds"));
    }

    @Test
    void shouldCompareRunsOfOneSeedAndSayNothingOfRunsThatDoNotKnow() {
        RunMeasurements one = run("plain", of(requests("plain-1", "What is 1 + %d?", 0)));
        RunMeasurements old = run("frozen", null);
        RunMeasurements wrong = run("adaptive", of(requests("adaptive-1", "What is 3 + %d?", 0)));

        assertThat(Conditions.differences(List.of(old, one))).isEmpty();
        assertThat(Conditions.differences(List.of(old, one, wrong)))
                .singleElement()
                .asString()
                .contains("plain and adaptive had other prompts");
    }

    private static Conditions of(List<RolloutRequest> requests) {
        return Conditions.of("0.1", requests, 4, 2);
    }

    private static RunMeasurements run(String arm, @Nullable Conditions conditions) {
        return Runs.aRun(arm, 1).under(conditions).measured();
    }

    private static List<RolloutRequest> requests(String run, String prompt, long firstSeed) {
        List<RolloutRequest> requests = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            requests.add(request(run, i, prompt.formatted(i), i, 0, firstSeed + i));
        }
        return requests;
    }

    private static RolloutRequest request(
            String run, long index, String prompt, long position, int attempt, long seed) {
        return RolloutRequest.newBuilder()
                .setRunId(run)
                .setRequestId(RequestMarks.requestId(run, index))
                .setRequestIndex(index)
                .setPromptId("data/" + position)
                .setPrompt(prompt)
                .setGroupSize(8)
                .setSampling(SamplingParameters.newBuilder()
                        .setTemperature(1)
                        .setTopP(1)
                        .setTopK(0)
                        .setMaxTokens(64)
                        .build())
                .setSeed(seed)
                .setTask("arithmetic")
                .setAnswer("1")
                .setMetadata(Map.of(
                        RequestMarks.POSITION, Long.toString(position),
                        RequestMarks.ATTEMPT, Integer.toString(attempt)))
                .setAdmittedAtVersion(0)
                .setAdmittedAt(Instant.EPOCH)
                .build();
    }
}
