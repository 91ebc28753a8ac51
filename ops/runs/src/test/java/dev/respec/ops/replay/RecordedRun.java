package dev.respec.ops.replay;

import dev.respec.ops.audit.Runs;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.DraftSource;
import dev.respec.schemas.FinishReason;
import dev.respec.schemas.GroupStatistics;
import dev.respec.schemas.GroupStatus;
import dev.respec.schemas.OriginSpan;
import dev.respec.schemas.PackedArrays;
import dev.respec.schemas.PolicySpan;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.RolloutTimings;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.SpeculationSetting;
import dev.respec.schemas.SpeculationSummary;
import dev.respec.schemas.TokenOrigin;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.TrustedEvents;
import dev.respec.topics.Event;
import dev.respec.topics.EventLog;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A small run on the topics: four requests of two rollouts, two steps of two requests; one rollout of another run. */
public final class RecordedRun {
    public static final String RUN = Runs.RUN;
    public static final Instant START = Runs.START;
    static final int[] PROMPT = {5, 6, 7};

    static {
        TrustedEvents.trust();
    }

    private RecordedRun() {}

    /** Request r has rewards 0 and r, policy version r / 2, responses of r + 1 and r + 2 tokens. */
    public static void write(EventLog events) {
        try (var producer = events.producer()) {
            for (int request = 0; request < 4; request++) {
                for (int sample = 0; sample < 2; sample++) {
                    Rollout rollout = rollout(RUN, request, sample);
                    Instant at = START.plusSeconds(request * 10L + sample);
                    producer.resend(TopicCatalogue.ROLLOUTS, event(at, rollout.getRequestId(), rollout));
                    producer.resend(
                            TopicCatalogue.SCORED_ROLLOUTS,
                            event(
                                    at.plusSeconds(1),
                                    rollout.getRequestId(),
                                    scored(rollout, (double) sample * request)));
                }
            }
            Rollout foreign = rollout("another", 0, 0);
            producer.resend(TopicCatalogue.ROLLOUTS, event(START, foreign.getRequestId(), foreign));
            for (int step = 1; step <= 2; step++) {
                List<String> ids = List.of(id(RUN, step * 2 - 2), id(RUN, step * 2 - 1));
                TrainingStep done = Runs.step(step, step, 0, 0, ids, List.of(id(RUN, 9) + " stale"));
                done.setMetrics(Map.of("reward_mean", step * 0.25, "reward_part.exact", step * 0.5));
                done.setStartedAt(START.plusSeconds(step * 20L - 20));
                done.setFinishedAt(START.plusSeconds(step * 20L));
                producer.resend(TopicCatalogue.TRAINING_STEPS, event(START.plusSeconds(step * 20L), RUN, done));
            }
            interval(producer, RUN, "w", 1, 1, 1_000);
            interval(producer, "", "shared", 21, 2, 600);
            interval(producer, RUN, "w", 31, 2, 1_000);
            interval(producer, "", "shared", -60, 1, 9_000);
            interval(producer, "another", "w", 11, 1, 7_000);
            producer.flush();
        }
    }

    private static void interval(
            EventProducer producer, String run, String worker, int second, int settings, long idleMilliseconds) {
        Instant start = START.plusSeconds(second);
        AcceptanceStats stats = AcceptanceStats.newBuilder()
                .setRunId(run)
                .setWorkerId(worker)
                .setModelId("policy")
                .setDeviceClass("cpu")
                .setIntervalStart(start)
                .setIntervalEnd(start.plusSeconds(1))
                .setPolicyVersion(0)
                .setDrafterVersion(0)
                .setSettings(IntStream.rangeClosed(1, settings)
                        .mapToObj(RecordedRun::off)
                        .toList())
                .setIdleWithRequestsWaitingMilliseconds(idleMilliseconds)
                .build();
        producer.resend(TopicCatalogue.ACCEPTANCE_STATS, event(start.plusSeconds(1), worker, stats));
    }

    private static SettingStatistics off(int batch) {
        return SettingStatistics.newBuilder()
                .setActiveBatch(batch)
                .setSetting(new SpeculationSetting("off", 0, 1, 0))
                .setVerifySteps(1)
                .setSequenceSteps(batch)
                .setDraftedTokens(0)
                .setAcceptedByPosition(List.of())
                .setDraftedByPosition(List.of())
                .setEmittedTokens(batch)
                .setDraftMilliseconds(0)
                .setVerifyMilliseconds(1)
                .setOtherMilliseconds(0)
                .build();
    }

    /** A record of {@code scored-rollouts} as {@link #write} writes it. */
    public static ScoredRollout scoredRollout(int request, int sample) {
        return scored(rollout(RUN, request, sample), (double) sample * request);
    }

    static String id(String run, int request) {
        return run + "/" + request;
    }

    private static <V> Event<V> event(Instant at, String key, V value) {
        return new Event<>("", 0, 0, at, key, value);
    }

    private static Rollout rollout(String run, int request, int sample) {
        int length = request + 1 + sample;
        int[] response = new int[length];
        float[] logProbabilities = new float[length];
        for (int i = 0; i < length; i++) {
            response[i] = 100 + i;
            logProbabilities[i] = 0.5f * -i;
        }
        return Rollout.newBuilder()
                .setRunId(run)
                .setRequestId(id(run, request))
                .setRolloutId(id(run, request) + "/" + sample)
                .setSampleIndex(sample)
                .setGroupSize(2)
                .setPromptId("p" + request)
                .setWorkerId("w")
                .setTask("arithmetic")
                .setAnswer("4")
                .setMetadata(Map.of("k", "v"))
                .setPrompt("2+2")
                .setResponse("line\nand \"quotes\"")
                .setPromptTokens(PackedArrays.ofInts(PROMPT))
                .setResponseTokens(PackedArrays.ofInts(response))
                .setLogProbabilities(PackedArrays.ofFloats(logProbabilities))
                .setTemperature(1)
                .setPolicySpans(List.of(new PolicySpan((long) request / 2, 0, length)))
                .setAdmittedAtVersion(0)
                .setDrafterVersion(0)
                .setFinishReason(FinishReason.STOP)
                .setSpeculation(new SpeculationSummary(2, 4, 2))
                .setTimings(new RolloutTimings(START, START, 1.0, 2.0))
                .setOriginSpans(origins(length))
                .build();
    }

    /** Two drafted tokens, the third in place of a rejected one, the others plain; all plain in a shorter response. */
    private static List<OriginSpan> origins(int length) {
        List<OriginSpan> spans = new ArrayList<>();
        if (length >= 3) {
            spans.add(new OriginSpan(TokenOrigin.DRAFTED, DraftSource.EAGLE3_CHAIN, 2));
            spans.add(new OriginSpan(TokenOrigin.RECOVERED, DraftSource.EAGLE3_CHAIN, 1));
        }
        int plain = length >= 3 ? length - 3 : length;
        if (plain > 0) {
            spans.add(new OriginSpan(TokenOrigin.PLAIN, DraftSource.NONE, plain));
        }
        return spans;
    }

    private static ScoredRollout scored(Rollout rollout, double reward) {
        return ScoredRollout.newBuilder()
                .setRunId(rollout.getRunId())
                .setRequestId(rollout.getRequestId())
                .setRollout(rollout)
                .setReward(reward)
                .setRewardParts(Map.of("exact", reward))
                .setRewardFunction("arithmetic")
                .setGroup(new GroupStatistics(GroupStatus.COMPLETE, 2, 2, reward, 0.0))
                .setAdvantage(Double.NaN)
                .setScoredAt(START)
                .build();
    }
}
