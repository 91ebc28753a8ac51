package dev.respec.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.schemas.DeadLetter;
import dev.respec.schemas.GroupStatus;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.ScoredRollout;
import dev.respec.scorer.reward.Arithmetic;
import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.RewardFunctions;
import dev.respec.stage.tracing.Traces;
import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.RegistryWithoutBroker;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class RewardScorerTopologyTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration GROUP_TIMEOUT = Duration.ofMinutes(10);
    private static final Duration RETENTION = Duration.ofHours(1);

    @RegisterExtension
    static final RegistryWithoutBroker registry = new RegistryWithoutBroker();

    @TempDir
    private Path stateDirectory;

    private final MeterRegistry metrics = new SimpleMeterRegistry();
    private final MovableClock clock = new MovableClock(START);
    private final GuardedRewards guard = new GuardedRewards(Duration.ofSeconds(1), clock);
    private final CountDownLatch release = new CountDownLatch(1);
    private EventLog events;
    private TopologyTestDriver driver;
    private TestInputTopic<String, Rollout> rollouts;
    private TestOutputTopic<String, ScoredRollout> scored;
    private TestOutputTopic<String, DeadLetter> deadLetters;

    @BeforeEach
    void start() {
        events = registry.events();
        startDriver();
    }

    private void startDriver() {
        var functions = RewardFunctions.of(List.of(
                new Arithmetic(),
                Functions.named("length", input -> Reward.of(input.response().length())),
                Functions.named("broken", input -> {
                    throw new IllegalStateException("no luck");
                }),
                Functions.named("hanging", input -> {
                    Functions.hangUntil(release);
                    return Reward.of(1);
                })));
        var topology = new RewardScorerTopology(
                events,
                new RewardScorer(functions, guard, clock),
                new ScoringPolicy("run", GROUP_TIMEOUT, RETENTION),
                metrics,
                Traces.OFF);
        var properties = new Properties();
        properties.put("application.id", "p-reward-scorer");
        properties.put("state.dir", stateDirectory.toString());
        properties.put("deserialization.exception.handler", LogAndContinueExceptionHandler.class);
        driver = new TopologyTestDriver(topology.topology(), properties, clock.instant());
        rollouts = driver.createInputTopic(
                "p-rollouts",
                new StringSerializer(),
                events.serde(TopicCatalogue.ROLLOUTS).serializer());
        scored = driver.createOutputTopic(
                "p-scored-rollouts",
                new StringDeserializer(),
                events.serde(TopicCatalogue.SCORED_ROLLOUTS).deserializer());
        deadLetters = driver.createOutputTopic(
                "p-dead-letters",
                new StringDeserializer(),
                events.serde(TopicCatalogue.DEAD_LETTERS).deserializer());
    }

    @AfterEach
    void close() {
        release.countDown();
        driver.close();
        guard.close();
        events.close();
    }

    private void send(Rollouts rollout) {
        Rollout built = rollout.build();
        rollouts.pipeInput(built.getRequestId(), built);
    }

    private static Rollouts sample(String requestId, int index, int groupSize) {
        return Rollouts.aRollout().sample(requestId, index, groupSize);
    }

    private void advance(Duration by) {
        clock.advance(by);
        driver.advanceWallClockTime(by);
    }

    private double count(String name, String tag, String value) {
        return metrics.get(name).tag(tag, value).counter().count();
    }

    @Test
    void shouldEmitACompleteGroupInSampleOrderWithItsAdvantages() {
        // Given: rewards 1, 0, 0, 1, as in the first group of golden/grpo binary-rewards
        send(sample("run/0", 2, 4).withResponse("#4"));
        send(sample("run/0", 0, 4));
        send(sample("run/0", 3, 4));
        assertThat(scored.isEmpty()).isTrue();

        // When
        send(sample("run/0", 1, 4).withResponse("#9"));

        // Then
        var group = scored.readKeyValuesToList();
        assertThat(group).extracting(record -> record.key).containsOnly("run/0").hasSize(4);
        assertThat(group)
                .extracting(record -> record.value.getRollout().getSampleIndex())
                .containsExactly(0, 1, 2, 3);
        assertThat(group).extracting(record -> record.value.getReward()).containsExactly(1.0, 0.0, 0.0, 1.0);
        double[] expected = {0.865875416860387, -0.865875416860387, -0.865875416860387, 0.865875416860387};
        for (int i = 0; i < 4; i++) {
            assertThat(group.get(i).value.getAdvantage()).isCloseTo(expected[i], within(1e-6));
        }
        var statistics = group.get(0).value.getGroup();
        assertThat(statistics.getStatus()).isEqualTo(GroupStatus.COMPLETE);
        assertThat(statistics.getRolloutCount()).isEqualTo(4);
        assertThat(statistics.getRewardMean()).isEqualTo(0.5);
        assertThat(count("respec.scorer.groups", "status", "complete")).isEqualTo(1);
    }

    @Test
    void shouldPassTheRolloutOnUnchanged() {
        Rollout sent = sample("run/0", 0, 1).build();
        rollouts.pipeInput("run/0", sent);

        assertThat(scored.readValue().getRollout()).isEqualTo(sent);
    }

    @Test
    void shouldDropDuplicatesBeforeAndAfterTheGroupEnds() {
        send(sample("run/0", 0, 2));
        send(sample("run/0", 0, 2).fromWorker("worker-1").withResponse("#8"));
        send(sample("run/0", 1, 2));
        send(sample("run/0", 1, 2));
        send(sample("run/0", 0, 2));

        assertThat(scored.readValuesToList())
                .extracting(rollout -> rollout.getRollout().getWorkerId())
                .containsExactly("worker-0", "worker-0");
        assertThat(count("respec.scorer.rollouts", "result", "duplicate")).isEqualTo(3);
        assertThat(count("respec.scorer.rollouts", "result", "scored")).isEqualTo(2);
        assertThat(deadLetters.isEmpty()).isTrue();
    }

    @Test
    void shouldCountEveryRolloutOnceWhateverTheOrderAndRepetition() {
        long seed = Long.getLong("respec.seed", 17);
        System.out.println("seed " + seed);
        var random = new Random(seed);
        var sent = new ArrayList<Rollouts>();
        for (int request = 0; request < 25; request++) {
            for (int index = 0; index < 8; index++) {
                int copies = 1 + random.nextInt(3);
                for (int copy = 0; copy < copies; copy++) {
                    sent.add(sample("run/" + request, index, 8));
                }
            }
        }
        Collections.shuffle(sent, random);

        sent.forEach(this::send);

        var received = scored.readValuesToList();
        assertThat(received).hasSize(200);
        assertThat(received)
                .extracting(rollout -> rollout.getRollout().getRolloutId())
                .doesNotHaveDuplicates();
        for (int group = 0; group < 25; group++) {
            var contiguous = received.subList(group * 8, group * 8 + 8);
            assertThat(contiguous)
                    .extracting(ScoredRollout::getRequestId)
                    .containsOnly(contiguous.get(0).getRequestId());
        }
        assertThat(count("respec.scorer.rollouts", "result", "duplicate")).isEqualTo(sent.size() - 200);
    }

    @Test
    void shouldEndAGroupAsIncompleteAfterTheTimeout() {
        // Given
        send(sample("run/0", 3, 4));
        send(sample("run/0", 1, 4).withResponse("#9"));
        advance(GROUP_TIMEOUT.minusSeconds(2));
        assertThat(scored.isEmpty()).isTrue();

        // When
        advance(Duration.ofSeconds(3));

        // Then
        var records = scored.readValuesToList();
        assertThat(records).hasSize(3);
        assertThat(records).extracting(record -> record.getGroup().getStatus()).containsOnly(GroupStatus.INCOMPLETE);
        assertThat(records).extracting(ScoredRollout::getAdvantage).containsOnly(0.0);
        assertThat(records.get(0).getRollout().getSampleIndex()).isEqualTo(1);
        assertThat(records.get(1).getRollout().getSampleIndex()).isEqualTo(3);
        ScoredRollout closing = records.get(2);
        assertThat(closing.getRollout()).isNull();
        assertThat(closing.getMissingSamples()).containsExactly(0, 2);
        assertThat(closing.getGroup().getRolloutCount()).isEqualTo(2);
        assertThat(closing.getGroup().getRewardMean()).isEqualTo(0.5);
        assertThat(count("respec.scorer.groups", "status", "incomplete")).isEqualTo(1);
    }

    @Test
    void shouldDropWhatComesForAnIncompleteGroup() {
        send(sample("run/0", 0, 2));
        advance(GROUP_TIMEOUT.plusSeconds(1));
        assertThat(scored.readValuesToList()).hasSize(2);

        send(sample("run/0", 1, 2));
        send(sample("run/0", 0, 2));

        assertThat(scored.isEmpty()).isTrue();
        assertThat(count("respec.scorer.rollouts", "result", "late")).isEqualTo(1);
        assertThat(count("respec.scorer.rollouts", "result", "duplicate")).isEqualTo(1);
    }

    @Test
    void shouldKeepNothingOfAnEndedGroupButItsTombstoneAndThatForItsRetention() {
        send(sample("run/0", 0, 2));
        send(sample("run/0", 1, 2));
        assertThat(size(RewardScorerTopology.OPEN_GROUPS)).isZero();
        assertThat(size(RewardScorerTopology.PENDING_ROLLOUTS)).isZero();
        assertThat(size(RewardScorerTopology.CLOSED_GROUPS)).isEqualTo(1);

        advance(RETENTION.plusMinutes(10));

        assertThat(size(RewardScorerTopology.CLOSED_GROUPS)).isZero();
    }

    private long size(String store) {
        return all(store).size();
    }

    private List<KeyValue<Object, Object>> all(String store) {
        var entries = new ArrayList<KeyValue<Object, Object>>();
        try (var all = driver.getKeyValueStore(store).all()) {
            all.forEachRemaining(entries::add);
        }
        return entries;
    }

    @Test
    void shouldGoOnWithOpenGroupsAfterARestartAndStartTheirTimeoutAnew() {
        // Given: one rollout, then an outage longer than the timeout
        send(sample("run/0", 0, 2));
        var open = all(RewardScorerTopology.OPEN_GROUPS);
        var pending = all(RewardScorerTopology.PENDING_ROLLOUTS);
        driver.close();
        clock.advance(GROUP_TIMEOUT.multipliedBy(2));

        // When: the driver, unlike a broker, keeps nothing
        startDriver();
        open.forEach(entry ->
                driver.getKeyValueStore(RewardScorerTopology.OPEN_GROUPS).put(entry.key, entry.value));
        pending.forEach(entry ->
                driver.getKeyValueStore(RewardScorerTopology.PENDING_ROLLOUTS).put(entry.key, entry.value));
        advance(Duration.ofSeconds(2));
        assertThat(scored.isEmpty()).isTrue();
        send(sample("run/0", 1, 2));

        // Then
        assertThat(scored.readValuesToList())
                .extracting(record -> record.getGroup().getStatus())
                .containsExactly(GroupStatus.COMPLETE, GroupStatus.COMPLETE);
    }

    @Test
    void shouldGiveRewardZeroAndTheReasonWhereAFunctionThrows() {
        send(sample("run/0", 0, 2).withTask("broken"));
        send(sample("run/0", 1, 2).withTask("broken"));

        var group = scored.readValuesToList();
        assertThat(group).hasSize(2).allSatisfy(record -> {
            assertThat(record.getReward()).isZero();
            assertThat(record.getAdvantage()).isZero();
            assertThat(record.getRewardError()).contains("'broken' threw IllegalStateException: no luck");
        });
        assertThat(metrics.get("respec.scorer.reward.errors").counter().count()).isEqualTo(2);
    }

    @Test
    void shouldCompleteAGroupWhoseFunctionHangs() {
        for (int index = 0; index < 8; index++) {
            send(sample("run/0", index, 8).withTask("hanging"));
        }

        assertThat(scored.readValuesToList())
                .hasSize(8)
                .allSatisfy(record -> assertThat(record.getRewardError())
                        .containsAnyOf("gave no reward within 1000 ms", "rests until"));
    }

    @Test
    void shouldScoreZeroAndWriteADeadLetterWhereThereIsNoSuchFunction() {
        send(sample("run/0", 0, 1).withTask("chess"));

        assertThat(scored.readValue().getRewardError()).contains("no reward function 'chess'");
        DeadLetter letter = deadLetters.readValue();
        assertThat(letter.getReason())
                .contains("'chess'")
                .contains("arithmetic")
                .contains("scorer.reward-jars");
        assertThat(letter.getOriginTopic()).isEqualTo("p-rollouts");
    }

    @Test
    void shouldSendRolloutsOfAnotherRunToTheDeadLetters() {
        Rollout foreign = sample("old/0", 0, 1).ofRun("old").build();
        rollouts.pipeInput("old/0", foreign);

        assertThat(scored.isEmpty()).isTrue();
        DeadLetter letter = deadLetters.readValue();
        assertThat(letter.getReason()).contains("'old'").contains("'run'");
        var value = new byte[letter.getOriginValue().remaining()];
        letter.getOriginValue().get(value);
        assertThat(events.serde(TopicCatalogue.ROLLOUTS).deserializer().deserialize("", value))
                .isEqualTo(foreign);
    }

    @Test
    void shouldRefuseRolloutsWhoseIdentityIsNotSound() {
        rollouts.pipeInput("run/1", sample("run/0", 0, 2).build());
        send(sample("run/0", 2, 2));
        send(sample("run/0", -1, 2));
        send(sample("run/0", 0, 0));
        send(sample("run/0", 0, Integer.MAX_VALUE));
        send(sample("run/0", 0, 2).withId("run/0/1"));
        send(sample("run/0", 0, 2));
        send(sample("run/0", 1, 3));
        rollouts.pipeInput("run/0", null);

        assertThat(deadLetters.readValuesToList())
                .extracting(DeadLetter::getReason)
                .satisfiesExactly(
                        reason -> assertThat(reason).contains("key is 'run/1', expected the request id 'run/0'"),
                        reason -> assertThat(reason).contains("sample index is 2, expected 0 to 1"),
                        reason -> assertThat(reason).contains("sample index is -1"),
                        reason -> assertThat(reason).contains("group size is 0"),
                        reason -> assertThat(reason).contains("group size is 2147483647"),
                        reason -> assertThat(reason).contains("rollout id is 'run/0/1', expected 'run/0/0'"),
                        reason -> assertThat(reason).contains("earlier rollouts of request 'run/0' say otherwise"),
                        reason -> assertThat(reason).contains("no value"));
        assertThat(count("respec.scorer.rollouts", "result", "refused")).isEqualTo(8);
    }

    @Test
    void shouldRefuseRolloutsWhoseArraysDoNotFitTogether() {
        send(sample("run/0", 0, 1).withLogProbabilities(2));
        send(sample("run/0", 0, 1).withResponseBytes(new byte[7]));
        send(sample("run/0", 0, 1));

        assertThat(deadLetters.readValuesToList())
                .extracting(DeadLetter::getReason)
                .containsExactly(
                        "3 prompt tokens, 3 response tokens, 2 log-probabilities, spans of 3 tokens",
                        "packed array of 7 bytes: not a multiple of 4");
        assertThat(scored.readValuesToList()).hasSize(1);
    }

    @Test
    void shouldGoPastWhatDoesNotDecode() {
        var raw = driver.createInputTopic("p-rollouts", new StringSerializer(), new ByteArraySerializer());
        raw.pipeInput("run/0", "no record".getBytes(StandardCharsets.UTF_8));
        send(sample("run/0", 0, 1));

        assertThat(scored.readValuesToList()).hasSize(1);
    }

    @Test
    void shouldStampRecordsWithTheTimeOfScoring() {
        advance(Duration.ofMinutes(1));
        send(sample("run/0", 0, 1));

        var record = scored.readRecord();
        assertThat(record.getRecordTime()).isEqualTo(START.plus(Duration.ofMinutes(1)));
        assertThat(record.value().getScoredAt()).isEqualTo(START.plus(Duration.ofMinutes(1)));
    }
}
