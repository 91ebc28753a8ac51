package dev.respec.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.DeadLetter;
import dev.respec.schemas.GroupStatus;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.ScoredRollout;
import dev.respec.scorer.reward.Arithmetic;
import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.RewardFunctions;
import dev.respec.scorer.reward.RewardUnavailableException;
import dev.respec.stage.config.RewardSection.Failure;
import dev.respec.stage.tracing.Traces;
import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.RegistryWithoutBroker;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Rewards that take their time, through the topology: nothing waits for them but their own groups. */
@Timeout(60)
class SlowRewardsTopologyTest {
    private static final Duration GROUP_TIMEOUT = Duration.ofMinutes(10);

    @RegisterExtension
    static final RegistryWithoutBroker registry = new RegistryWithoutBroker();

    @TempDir
    private Path stateDirectory;

    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final MovableClock clock = new MovableClock(Instant.parse("2026-01-01T00:00:00Z"));
    private final GuardedRewards guard = new GuardedRewards(Duration.ofSeconds(20), clock);
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger calls = new AtomicInteger();
    private RewardScorer scorer;
    private EventLog events;
    private TopologyTestDriver driver;
    private TestInputTopic<String, Rollout> rollouts;
    private TestOutputTopic<String, ScoredRollout> scored;
    private TestOutputTopic<String, DeadLetter> deadLetters;

    @BeforeEach
    void start() {
        events = registry.events();
        startDriver(Map.of(), Failure.DEAD_LETTER);
    }

    private void startDriver(Map<String, Double> weights, Failure failure) {
        var functions = RewardFunctions.of(List.of(
                new Arithmetic(),
                Functions.slow("waiting", input -> {
                    calls.incrementAndGet();
                    await(release);
                    return new Reward(input.response().length(), Map.of("length", 1.0));
                }),
                Functions.slow("judge", input -> {
                    if (input.response().equals("down")) {
                        throw new RewardUnavailableException(
                                "reward.judge.url http://judge: status 503, after 5 attempts");
                    }
                    return Reward.of(1);
                })));
        var times = new RewardTimes(metrics, Duration.ofDays(1), clock);
        scorer = new RewardScorer(new RewardRecipe(functions, weights), guard, times, failure, clock);
        var topology = new RewardScorerTopology(
                events, scorer, new ScoringPolicy("run", GROUP_TIMEOUT, Duration.ofHours(1)), metrics, Traces.OFF);
        var properties = new Properties();
        properties.put("application.id", "p-reward-scorer");
        properties.put("state.dir", stateDirectory.toString());
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

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RewardUnavailableException("interrupted");
        }
    }

    @AfterEach
    void close() {
        release.countDown();
        driver.close();
        scorer.close();
        guard.close();
        events.close();
    }

    private void send(String requestId, int index, int groupSize, String task, String response) {
        Rollout rollout = Rollouts.aRollout()
                .sample(requestId, index, groupSize)
                .withTask(task)
                .withResponse(response)
                .build();
        rollouts.pipeInput(requestId, rollout);
    }

    private void advance(Duration by) {
        clock.advance(by);
        driver.advanceWallClockTime(by);
    }

    /** Lets time pass until so many records are out. */
    private List<ScoredRollout> scored(int count) {
        var all = new java.util.ArrayList<ScoredRollout>();
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            advance(Duration.ofMillis(20));
            all.addAll(scored.readValuesToList());
            return all.size() >= count;
        });
        assertThat(all).hasSize(count);
        return all;
    }

    private double waiting() {
        return metrics.get("respec.scorer.rewards.waiting").gauge().value();
    }

    @Test
    void shouldScoreOtherGroupsWhileAFunctionTakesItsTime() {
        for (int index = 0; index < 2; index++) {
            send("run/0", index, 2, "waiting", "x".repeat(index));
        }
        send("run/1", 0, 1, "arithmetic", "#3");

        assertThat(scored.readValue().getRequestId()).isEqualTo("run/1");
        assertThat(waiting()).isEqualTo(2);
        release.countDown();
        var group = scored(2);
        assertThat(group).extracting(ScoredRollout::getReward).containsExactly(0.0, 1.0);
        assertThat(group.get(0).getRewardParts()).isEqualTo(Map.of("length", 1.0));
        assertThat(group.get(0).getRewardError()).isNull();
        assertThat(group.get(0).getGroup().getStatus()).isEqualTo(GroupStatus.COMPLETE);
        assertThat(waiting()).isZero();
    }

    @Test
    void shouldDropARepeatOfARolloutThatWaits() {
        send("run/0", 0, 1, "waiting", "x");
        send("run/0", 0, 1, "waiting", "x");
        release.countDown();

        scored(1);
        assertThat(metrics.get("respec.scorer.rollouts")
                        .tag("result", "duplicate")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(calls).hasValue(1);
    }

    @Test
    void shouldNotEndAGroupThatWaitsForItsRewards() {
        send("run/0", 0, 1, "waiting", "x");
        advance(GROUP_TIMEOUT.multipliedBy(2));
        assertThat(scored.isEmpty()).isTrue();

        release.countDown();

        assertThat(scored(1).get(0).getGroup().getStatus()).isEqualTo(GroupStatus.COMPLETE);
    }

    @Test
    void shouldLeaveARolloutOutWhoseRewardCannotBeHad() {
        send("run/0", 0, 3, "judge", "good");
        send("run/0", 1, 3, "judge", "down");
        send("run/0", 2, 3, "judge", "good");

        var records = scored(3);
        assertThat(records).extracting(record -> record.getGroup().getStatus()).containsOnly(GroupStatus.INCOMPLETE);
        assertThat(records.subList(0, 2)).extracting(ScoredRollout::getReward).containsOnly(1.0);
        assertThat(records.subList(0, 2))
                .extracting(record -> record.getRollout().getSampleIndex())
                .containsExactly(0, 2);
        assertThat(records.get(2).getRollout()).isNull();
        assertThat(records.get(2).getMissingSamples()).containsExactly(1);
        assertThat(records.get(2).getGroup().getRewardMean()).isEqualTo(1);
        DeadLetter letter = deadLetters.readValue();
        assertThat(letter.getReason())
                .isEqualTo("rollout 'run/0/1' gets no reward, its group ends incomplete: reward.judge.url http://judge:"
                        + " status 503, after 5 attempts");
        assertThat(letter.getOriginTopic()).isEqualTo("p-rollouts");
        assertThat(letter.getOriginOffset()).isEqualTo(1);
        assertThat(metrics.get("respec.scorer.rollouts")
                        .tag("result", "unscored")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void shouldCloseAGroupNoneOfWhoseRewardsCanBeHad() {
        send("run/0", 0, 2, "judge", "down");
        send("run/0", 1, 2, "judge", "down");

        ScoredRollout closing = scored(1).get(0);
        assertThat(closing.getMissingSamples()).containsExactly(0, 1);
        assertThat(closing.getRunId()).isEqualTo("run");
        assertThat(closing.getGroup().getRolloutCount()).isZero();
        assertThat(closing.getGroup().getRewardMean()).isZero();
        assertThat(deadLetters.readValuesToList()).hasSize(2);
    }

    @Test
    void shouldEndAGroupOfFailuresAndLosses() {
        send("run/0", 0, 3, "judge", "down");
        Awaitility.await().until(() -> {
            advance(Duration.ofMillis(20));
            return !deadLetters.isEmpty();
        });

        advance(GROUP_TIMEOUT.plusSeconds(1));

        assertThat(scored(1).get(0).getMissingSamples()).containsExactly(0, 1, 2);
    }

    @Test
    void shouldGiveZeroInsteadWhereToldSo() {
        driver.close();
        scorer.close();
        startDriver(Map.of(), Failure.ZERO);

        send("run/0", 0, 1, "judge", "down");

        ScoredRollout record = scored(1).get(0);
        assertThat(record.getReward()).isZero();
        assertThat(record.getRewardError()).contains("status 503");
        assertThat(deadLetters.isEmpty()).isTrue();
    }

    @Test
    void shouldSumPartsOfBothKinds() {
        driver.close();
        scorer.close();
        startDriver(Map.of("task", 1.0, "judge", 0.5), Failure.DEAD_LETTER);

        send("run/0", 0, 1, "arithmetic", "#3");

        ScoredRollout record = scored(1).get(0);
        assertThat(record.getReward()).isEqualTo(1.5);
        assertThat(record.getRewardParts()).isEqualTo(Map.of("task", 1.0, "judge", 1.0));
        assertThat(record.getRewardFunction()).isEqualTo("arithmetic");
        assertThat(metrics.get("respec.scorer.reward.seconds")
                        .tag("part", "judge")
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    /** A successor begins with these. */
    @Test
    void shouldKeepWhatWaitsInTheStoresWithItsOffsets() {
        send("run/0", 0, 2, "waiting", "x");
        send("run/0", 1, 2, "waiting", "xx");

        var ledger = new GroupLedger(
                driver.getKeyValueStore(RewardScorerTopology.OPEN_GROUPS),
                driver.getKeyValueStore(RewardScorerTopology.CLOSED_GROUPS),
                driver.getKeyValueStore(RewardScorerTopology.PENDING_ROLLOUTS));

        assertThat(ledger.waiting()).singleElement().satisfies(entry -> {
            assertThat(entry.requestId()).isEqualTo("run/0");
            assertThat(entry.group().waiting()).isEqualTo(Map.of(0, 0L, 1, 1L));
        });
        assertThat(ledger.rollout("run/0", 1).getRollout().getResponse()).isEqualTo("xx");
    }
}
