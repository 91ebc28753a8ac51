package dev.respec.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.respec.artefacts.ArtefactStore;
import dev.respec.learner.distillation.TokenSequence;
import dev.respec.learner.pretraining.PolicyResponses;
import dev.respec.learner.state.Announcements;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
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
import dev.respec.schemas.SpeculationSummary;
import dev.respec.schemas.TokenOrigin;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.TrustedEvents;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import dev.respec.stage.StageContext;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.Event;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import dev.respec.topics.embedded.SampleEvents;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class DrafterLearnerIT {
    static {
        TrustedEvents.trust(); // builders fill in defaults
    }

    static final String RUN = "run-1";
    static final int GROUP = 4;

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    Path directory;

    private final Checkpoint policy = TinyModels.policy(5);
    private RespecConfig config = RespecConfig.defaults();
    private int requests;

    @BeforeEach
    void writeModels() {
        policy.write(directory.resolve("policy"));
        TinyModels.drafter(policy, 6).write(directory.resolve("drafter"));
        var settings = new ArrayList<>(cluster.configSettings());
        settings.addAll(List.of(
                "run.id=" + RUN,
                "run.data-dir=" + directory.resolve("data"),
                "model.policy=" + directory.resolve("policy"),
                "model.drafter=" + directory.resolve("drafter"),
                "learner.interval=100ms",
                "learner.max-duty=1",
                "learner.batch-rollouts=16",
                "learner.buffer-rollouts=256",
                "learner.hold-out-fraction=0.2",
                "learner.learning-rate=2e-3",
                "learner.weighting=reward",
                "learner.ttt-length=3"));
        config = RespecConfig.defaults().withOverrides(settings);
    }

    @Test
    void shouldPublishBetterDraftersAndGoOnAfterARestart() {
        var store = ArtefactStore.of(config);
        try (var producer = cluster.events().producer();
                var responses = new PolicyResponses(policy, prompts(), 1, 16, 16, 1)) {
            // Given rollouts that arrive while the learner runs
            runUntil(producer, responses, () -> updatesOf(RUN).size() >= 3);
            // and a policy whose bytes are not what its event says: the teacher stays
            var broken = policyUpdate(RUN, 6, store).build();
            broken.getFiles().forEach(file -> file.setSha256("0".repeat(64)));
            producer.sendAndWait(TopicCatalogue.WEIGHT_UPDATES, "policy", broken);
            runUntil(producer, responses, () -> letters().contains("weights refused: artefact POLICY version 6"));
            assertThat(updatesOf(RUN))
                    .allSatisfy(update -> assertThat(update.getPolicyVersion()).isZero());
            // When it starts again, under a newer policy
            var before = updatesOf(RUN);
            publishPolicy(producer, store);
            runUntil(producer, responses, () -> updatesOf(RUN).size() >= before.size() + 2);
        }
        // Then every version is there once, in order, and its files can be loaded
        var after = updatesOf(RUN);
        assertThat(after).extracting(WeightUpdate::getVersion).isSorted().doesNotHaveDuplicates();
        assertThat(after.get(0).getVersion()).isEqualTo(1);
        var last = after.get(after.size() - 1);
        assertThat(last.getPolicyVersion()).isEqualTo(7);
        var drafter = Eagle3Checkpoint.read(store.fetch(last, directory.resolve("cache")));
        drafter.requireFits(policy.config());
        assertThat(drafter.tensors()).as("frozen, and every reader has it").doesNotContainKey("embed_tokens.weight");
        assertNoCandidateLost(after);
        assertStepsTileTheTopic(stepsOf(RUN));
    }

    /** A learning rate that float32 rounds away. */
    @Test
    void shouldSayThatARoundChangedNoParameterAndPublishNothing() {
        var run = "run-unchanged";
        config = config.withOverrides(List.of("run.id=" + run, "learner.learning-rate=1e-30"));
        var metrics = new SimpleMeterRegistry();
        var context = new StageContext(config, cluster.events(), metrics);
        var stage = CompletableFuture.runAsync(() -> new DrafterLearner().run(context));
        try (var producer = cluster.events().producer()) {
            for (int i = 0; i < 30; i++) {
                var tokens = TinyModels.sequences(GROUP, i);
                for (int sample = 0; sample < GROUP; sample++) {
                    var scored = scored(run + "/" + i, sample, tokens.get(sample));
                    scored.setRunId(run);
                    producer.sendAndWait(TopicCatalogue.SCORED_ROLLOUTS, scored.getRequestId(), scored);
                }
            }
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                assertThat(stage).isNotCompletedExceptionally();
                return !stepsOf(run).isEmpty();
            });
        } finally {
            context.stop();
        }
        assertThat(stage).succeedsWithin(20, TimeUnit.SECONDS);

        assertThat(stepsOf(run).get(0).getMetrics())
                .containsEntry("unchanged", 1.0)
                .containsEntry("published", 0.0)
                .hasEntrySatisfying(
                        "optimiser_steps", steps -> assertThat(steps).isPositive());
        assertThat(updatesOf(run)).isEmpty();
        assertThat(metrics.get("respec.learner.unchanged").counter().count()).isPositive();
    }

    @Test
    void shouldSendOnceWhatACrashKeptFromBeingSent() {
        // Given a round whose checkpoint is complete and whose events were not sent
        var run = "run-crashed";
        var update = policyUpdate(run, 1, ArtefactStore.of(config))
                .setRole(WeightRole.DRAFTER)
                .build();
        var step = TrainingStep.newBuilder()
                .setRunId(run)
                .setRole(WeightRole.DRAFTER)
                .setStep(1)
                .setVersion(1)
                .setSourceOffsets(List.of())
                .setRequestIds(List.of())
                .setMetrics(Map.of("loss", 0.5))
                .setPhases(Map.of())
                .setStartedAt(Instant.ofEpochMilli(1))
                .setFinishedAt(Instant.ofEpochMilli(2))
                .build();
        var announcements = Announcements.of(step, update);
        var events = cluster.events();
        for (int start = 0; start < 2; start++) {
            try (var weights = new WeightTopic(
                            events.consumer(TopicCatalogue.WEIGHT_UPDATES, ConsumerMode.fromBeginning()), run);
                    var publisher = new DrafterPublisher(ArtefactStore.of(config), events.producer(), run, 6)) {
                weights.readToEnd();
                // When it starts, and starts once more
                publisher.sendMissing(announcements, weights, events);
            }
        }
        // Then
        assertThat(updatesOf(run)).containsExactly(update);
        assertThat(stepsOf(run)).containsExactly(step);
    }

    private static String letters() {
        return cluster.events().readAll(TopicCatalogue.DEAD_LETTERS).stream()
                .map(event -> event.requireValue().getReason())
                .collect(Collectors.joining("\n"));
    }

    private void assertNoCandidateLost(List<WeightUpdate> updates) {
        assertThat(updates)
                .allSatisfy(update -> assertThat(update.getMetrics().get("candidate_acceptance_length"))
                        .isGreaterThanOrEqualTo(update.getMetrics().get("current_acceptance_length")));
        // each pair is measured on a slice of its own, so figures of different updates do not compare
        assertThat(updates)
                .anySatisfy(update -> assertThat(update.getMetrics().get("candidate_acceptance_length"))
                        .isGreaterThan(update.getMetrics().get("current_acceptance_length")));
    }

    static void assertStepsTileTheTopic(List<TrainingStep> steps) {
        var next = new HashMap<Integer, Long>();
        long expectedStep = 1;
        for (var step : steps) {
            assertThat(step.getStep()).isEqualTo(expectedStep++);
            for (var source : step.getSourceOffsets()) {
                assertThat(source.getFromOffset()).isEqualTo(next.getOrDefault(source.getPartition(), 0L));
                next.put(source.getPartition(), source.getToOffset());
            }
        }
        assertThat(next).isNotEmpty();
    }

    /** Runs the stage in a thread of its own and feeds it until the condition holds. */
    private void runUntil(EventProducer producer, PolicyResponses responses, BooleanSupplier condition) {
        var context = new StageContext(config, cluster.events(), new SimpleMeterRegistry());
        var stage = CompletableFuture.runAsync(() -> new DrafterLearner().run(context));
        try {
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(300))
                    .until(() -> {
                        assertThat(stage).isNotCompletedExceptionally();
                        publishGroups(producer, responses, 12);
                        return condition.getAsBoolean();
                    });
        } finally {
            context.stop();
        }
        assertThat(stage).succeedsWithin(20, TimeUnit.SECONDS);
    }

    private static List<WeightUpdate> updatesOf(String run) {
        return cluster.events().readAll(TopicCatalogue.WEIGHT_UPDATES).stream()
                .map(Event::requireValue)
                .filter(update -> update.getRole() == WeightRole.DRAFTER
                        && update.getRunId().equals(run))
                .toList();
    }

    private static List<TrainingStep> stepsOf(String run) {
        return cluster.events().readAll(TopicCatalogue.TRAINING_STEPS).stream()
                .map(Event::requireValue)
                .filter(step -> step.getRunId().equals(run))
                .toList();
    }

    private void publishPolicy(EventProducer producer, ArtefactStore store) {
        producer.sendAndWait(
                TopicCatalogue.WEIGHT_UPDATES,
                "policy",
                policyUpdate(RUN, 7, store).build());
    }

    private WeightUpdate.Builder policyUpdate(String run, long version, ArtefactStore store) {
        TinyModels.policy(8).write(directory.resolve("newer"));
        var stored = store.put("policy/" + run + "/" + version, directory.resolve("newer"));
        return SampleEvents.policyUpdate(run, version, stored.uri(), stored.files());
    }

    private void publishGroups(EventProducer producer, PolicyResponses responses, int groups) {
        var sent = new ArrayList<CompletableFuture<?>>();
        for (int group = 0; group < groups; group++, requests++) {
            for (int sample = 0; sample < GROUP; sample++) {
                sent.add(producer.send(
                        TopicCatalogue.SCORED_ROLLOUTS,
                        RUN + "/" + requests,
                        scored(RUN + "/" + requests, sample, responses.next())));
            }
        }
        sent.forEach(CompletableFuture::join);
    }

    static ScoredRollout scored(String requestId, int sample, TokenSequence tokens) {
        return ScoredRollout.newBuilder()
                .setRunId(RUN)
                .setRequestId(requestId)
                .setRollout(rollout(requestId, sample, tokens))
                .setReward(sample % 2)
                .setRewardFunction("exact-match")
                .setGroup(new GroupStatistics(GroupStatus.COMPLETE, GROUP, GROUP, 0.5, 0.577))
                .setAdvantage(sample % 2 == 0 ? -0.866 : 0.866)
                .setScoredAt(Instant.now())
                .build();
    }

    private static Rollout rollout(String requestId, int sample, TokenSequence tokens) {
        int[] response = tokens.response();
        return Rollout.newBuilder()
                .setRunId(RUN)
                .setRequestId(requestId)
                .setRolloutId(requestId + "/" + sample)
                .setSampleIndex(sample)
                .setGroupSize(GROUP)
                .setPromptId("p")
                .setWorkerId("w")
                .setTask("exact-match")
                .setAnswer("")
                .setMetadata(Map.of())
                .setPrompt("")
                .setResponse("")
                .setPromptTokens(PackedArrays.ofInts(tokens.prompt()))
                .setResponseTokens(PackedArrays.ofInts(response))
                .setLogProbabilities(PackedArrays.ofFloats(new float[response.length]))
                .setTemperature(1)
                .setPolicySpans(List.of(new PolicySpan(0L, 0, response.length)))
                .setAdmittedAtVersion(0)
                .setDrafterVersion(0)
                .setFinishReason(FinishReason.STOP)
                .setSpeculation(new SpeculationSummary(0, 0, 0))
                .setTimings(new RolloutTimings(Instant.now(), Instant.now(), 0.0, 0.0))
                .setOriginSpans(origins(response.length))
                .build();
    }

    /** Verify steps that accept one draft and reject the next. */
    private static List<OriginSpan> origins(int tokens) {
        return IntStream.range(0, tokens)
                .mapToObj(i -> i % 2 == 0 ? TokenOrigin.DRAFTED : TokenOrigin.RECOVERED)
                .map(origin -> new OriginSpan(origin, DraftSource.EAGLE3_CHAIN, 1))
                .toList();
    }

    private static Iterator<int[]> prompts() {
        var random = new Random(3);
        return Stream.generate(() -> random.ints(3, 1, TinyModels.VOCABULARY).toArray())
                .iterator();
    }
}
