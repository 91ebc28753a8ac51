package dev.respec.trainer;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.GroupStatistics;
import dev.respec.schemas.GroupStatus;
import dev.respec.schemas.RolloutPurpose;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.SamplingParameters;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightFormat;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import dev.respec.stage.tracing.RecordedTraces;
import dev.respec.stage.tracing.TraceContext;
import dev.respec.stage.tracing.TracedSpan;
import dev.respec.stage.tracing.Traces;
import dev.respec.topics.Event;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StepTracesTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final StepTraces.Times TIMES =
            new StepTraces.Times(START.plusSeconds(10), START.plusSeconds(12), START.plusSeconds(13));

    private final RecordedTraces recorded = new RecordedTraces();
    private final StepTraces traces = new StepTraces(recorded, "run");

    @Test
    void shouldLinkAStepWithTheRequestsThatItTrainedOn() {
        TraceContext scoring = TraceContext.root("run/1").child("scoring");
        traces.arrived(arrival("run/1", scoring.header()));
        traces.arrived(arrival("run/2", null)); // not traced

        traces.trained(step(3, Map.of("reward_mean", 0.5)), TIMES);

        TracedSpan assembly = span("assembly");
        assertThat(assembly.parent()).isEqualTo(scoring);
        assertThat(assembly.start()).isEqualTo(START.plusSeconds(5));
        assertThat(assembly.end()).isEqualTo(TIMES.collected());
        TracedSpan step = span("step");
        assertThat(step.parent()).isNull();
        assertThat(step.links()).containsExactly(assembly.at());
        assertThat(assembly.links()).containsExactly(step.at());
        TracedSpan publication = span("publication");
        assertThat(publication.parent()).isEqualTo(step.at());
        assertThat(publication.start()).isEqualTo(TIMES.updated());
        assertThat(traces.publication(update(3))).isEqualTo(publication.at().header());
    }

    @Test
    void shouldGiveWhatIsPublishedAgainAfterACrashTheSameHeaders() {
        StepTraces restarted = new StepTraces(new RecordedTraces(), "run");
        RolloutRequest request = request(RolloutPurpose.TRAINING);

        assertThat(restarted.request(request)).isNotNull().isEqualTo(traces.request(request));
        assertThat(restarted.publication(update(3))).isNotNull().isEqualTo(traces.publication(update(3)));
    }

    @Test
    void shouldUseAGroupOnce() {
        traces.arrived(arrival("run/1", TraceContext.root("run/1").header()));
        traces.trained(step(3, Map.of()), TIMES);
        traces.trained(step(4, Map.of()), TIMES);

        assertThat(recorded.spans())
                .filteredOn(span -> span.name().equals("assembly"))
                .hasSize(1);
    }

    @Test
    void shouldTraceNoEvaluationNoFirstPolicyAndNoPublicationOfAStepWithoutSignal() {
        assertThat(traces.request(request(RolloutPurpose.EVALUATION))).isNull();
        assertThat(traces.publication(update(0))).isNull();

        traces.trained(step(3, Map.of("no_signal", 1.0)), TIMES);

        assertThat(recorded.spans()).extracting(TracedSpan::name).containsExactly("step");
    }

    @Test
    void shouldDoNothingWhenOff() {
        StepTraces off = new StepTraces(Traces.OFF, "run");
        off.arrived(arrival("run/1", TraceContext.root("run/1").header()));
        off.trained(step(3, Map.of()), TIMES);

        assertThat(off.request(request(RolloutPurpose.TRAINING))).isNull();
        assertThat(off.publication(update(3))).isNull();
    }

    private TracedSpan span(String name) {
        return recorded.spans().stream()
                .filter(span -> span.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Event<ScoredRollout> arrival(String requestId, @Nullable String header) {
        ScoredRollout scored = ScoredRollout.newBuilder()
                .setRunId("run")
                .setRequestId(requestId)
                .setRollout(null)
                .setReward(0)
                .setRewardFunction("arithmetic")
                .setGroup(new GroupStatistics(GroupStatus.COMPLETE, 1, 1, 0.0, 0.0))
                .setAdvantage(0)
                .setScoredAt(START)
                .build();
        return new Event<>("scored-rollouts", 0, 0, START.plusSeconds(5), requestId, requireNonNull(scored), header);
    }

    private static RolloutRequest request(RolloutPurpose purpose) {
        return RolloutRequest.newBuilder()
                .setRunId("run")
                .setRequestId("run/1")
                .setRequestIndex(1)
                .setPromptId("p")
                .setPrompt("1+1")
                .setGroupSize(1)
                .setSampling(SamplingParameters.newBuilder()
                        .setTemperature(1)
                        .setMaxTokens(8)
                        .build())
                .setSeed(1)
                .setTask("arithmetic")
                .setAnswer("2")
                .setAdmittedAtVersion(0)
                .setAdmittedAt(START)
                .setPurpose(purpose)
                .build();
    }

    private static TrainingStep step(long number, Map<String, Double> metrics) {
        return TrainingStep.newBuilder()
                .setRunId("run")
                .setRole(WeightRole.POLICY)
                .setStep(number)
                .setVersion(number)
                .setSourceOffsets(List.of())
                .setRequestIds(List.of("run/1", "run/2"))
                .setMetrics(metrics)
                .setPhases(Map.of())
                .setStartedAt(START)
                .setFinishedAt(START.plusSeconds(12))
                .build();
    }

    private static WeightUpdate update(long step) {
        return WeightUpdate.newBuilder()
                .setRunId("run")
                .setRole(WeightRole.POLICY)
                .setVersion(step)
                .setBaseVersion(0)
                .setFormat(WeightFormat.FULL)
                .setUri("file:/none")
                .setFiles(List.of())
                .setStep(step)
                .setPolicyVersion(step)
                .setSourceOffsets(List.of())
                .setPublishedAt(START)
                .build();
    }
}
