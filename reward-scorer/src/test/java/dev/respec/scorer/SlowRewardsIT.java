package dev.respec.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.respec.schemas.DeadLetter;
import dev.respec.schemas.GroupStatus;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.ScoredRollout;
import dev.respec.scorer.code.CodeRewards;
import dev.respec.stage.RunningStage;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.Event;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The scorer as a process has it, with rewards that wait, spin and exit. */
@Timeout(180)
class SlowRewardsIT {
    @RegisterExtension
    static final EmbeddedCluster CLUSTER = new EmbeddedCluster();

    @TempDir
    private Path folder;

    /** With a state folder of its own. */
    private RunningStage scorer(String name, List<String> more) {
        var settings = new ArrayList<>(CLUSTER.configSettings());
        settings.addAll(List.of(
                "run.id=slow",
                "scorer.reward-threads=1",
                "kafka.properties.consumer.max.poll.interval.ms=4000",
                "scorer.state-dir=" + folder.resolve(name)));
        settings.addAll(more);
        return new RunningStage(new RewardScorerStage(), RespecConfig.load(null, Map.of(), settings)).awaitReady();
    }

    private static void send(EventProducer producer, String requestId, int groupSize, String task, String response) {
        send(producer, requestId, groupSize, task, response, Map.of());
    }

    private static void send(
            EventProducer producer,
            String requestId,
            int groupSize,
            String task,
            String response,
            Map<String, String> metadata) {
        for (int sample = 0; sample < groupSize; sample++) {
            Rollout rollout = Rollouts.aRollout()
                    .ofRun("slow")
                    .sample(requestId, sample, groupSize)
                    .withTask(task)
                    .withResponse(response)
                    .build();
            rollout.setMetadata(metadata);
            producer.sendAndWait(TopicCatalogue.ROLLOUTS, requestId, rollout);
        }
    }

    private static List<ScoredRollout> scored(String requestId) {
        return CLUSTER.events().readAll(TopicCatalogue.SCORED_ROLLOUTS).stream()
                .map(event -> Objects.requireNonNull(event.value()))
                .filter(value -> value.getRequestId().equals(requestId))
                .toList();
    }

    private static List<ScoredRollout> awaitScored(String requestId, int count) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(scored(requestId)).hasSizeGreaterThanOrEqualTo(count));
        return scored(requestId);
    }

    private static List<String> deadLetters() {
        return CLUSTER.events().readAll(TopicCatalogue.DEAD_LETTERS).stream()
                .map(Event::value)
                .filter(Objects::nonNull)
                .map(DeadLetter::getReason)
                .toList();
    }

    /** A service that answers 1 once it is released, and counts whom it kept waiting. */
    private static HttpServer service(CountDownLatch release, AtomicInteger requests) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", exchange -> {
            requests.incrementAndGet();
            int items = new com.fasterxml.jackson.databind.ObjectMapper()
                    .readTree(exchange.getRequestBody().readAllBytes())
                    .get("items")
                    .size();
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            byte[] body = ("{\"rewards\": [" + "1,".repeat(items - 1) + "1]}").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return server;
    }

    @Test
    void shouldStayInItsGroupWhileAServiceTakesLongAndHandOverWhatWaits() throws Exception {
        var release = new CountDownLatch(1);
        var requests = new AtomicInteger();
        HttpServer server = service(release, requests);
        var http = List.of(
                "reward.http.url=http://127.0.0.1:" + server.getAddress().getPort(),
                "reward.http.timeout=120s",
                "reward.start-timeout=0s");
        try (var producer = CLUSTER.events().producer()) {
            try (var first = scorer("first", http)) {
                send(producer, "slow/0", 4, "http", "x");
                Awaitility.await().until(() -> requests.get() > 0);
                // more than twice what a consumer may take between two polls
                Thread.sleep(9_000);
                long start = System.nanoTime();
                send(producer, "slow/1", 4, "arithmetic", "#3");
                assertThat(awaitScored("slow/1", 4))
                        .extracting(ScoredRollout::getReward)
                        .containsOnly(1.0);
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
                assertThat(scored("slow/0")).isEmpty();
                release.countDown();
                assertThat(awaitScored("slow/0", 4))
                        .extracting(ScoredRollout::getReward)
                        .containsOnly(1.0);
            }
            handOver(producer);
        } finally {
            server.stop(0);
        }
    }

    private void handOver(EventProducer producer) throws Exception {
        var release = new CountDownLatch(1);
        var requests = new AtomicInteger();
        HttpServer server = service(release, requests);
        var http = List.of(
                "reward.http.url=http://127.0.0.1:" + server.getAddress().getPort(),
                "reward.http.timeout=120s",
                "reward.http.attempts=1",
                "reward.start-timeout=0s");
        try {
            try (var second = scorer("second", http)) {
                send(producer, "slow/2", 4, "http", "y");
                Awaitility.await().until(() -> requests.get() > 0);
            }
            int before = requests.get();
            try (var third = scorer("third", http)) {
                Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> requests.get() > before);
                release.countDown();
                var group = awaitScored("slow/2", 4);
                Thread.sleep(500);
                assertThat(scored("slow/2")).hasSize(4).isEqualTo(group);
                assertThat(group)
                        .allSatisfy(
                                each -> assertThat(each.getGroup().getStatus()).isEqualTo(GroupStatus.COMPLETE));
            }
        } finally {
            release.countDown();
            server.stop(0);
        }
    }

    @Test
    void shouldOutliveFunctionsOfJarsThatSpinAndExit() throws Exception {
        Path jars = Files.createDirectory(folder.resolve("jars"));
        Jars.write(jars, "Spinning", "spinning", "", "while (true) {}");
        Jars.write(jars, "Exiting", "exiting", "", "System.exit(3); return null;");
        Jars.write(jars, "Fine", "fine", "", "return Reward.of(2);");
        var settings = List.of("scorer.reward-jars=" + jars, "scorer.reward-timeout=2s");
        try (var producer = CLUSTER.events().producer();
                var scorer = scorer("jars", settings)) {
            send(producer, "slow/10", 2, "spinning", "x");
            send(producer, "slow/11", 2, "exiting", "x");
            send(producer, "slow/12", 2, "fine", "x");

            assertThat(awaitScored("slow/12", 2))
                    .extracting(ScoredRollout::getReward)
                    .containsOnly(2.0);
            assertThat(awaitScored("slow/10", 1)).singleElement().satisfies(closing -> {
                assertThat(closing.getRollout()).isNull();
                assertThat(closing.getMissingSamples()).containsExactly(0, 1);
            });
            assertThat(awaitScored("slow/11", 1))
                    .singleElement()
                    .satisfies(
                            closing -> assertThat(closing.getMissingSamples()).containsExactly(0, 1));
            assertThat(deadLetters())
                    .anyMatch(reason ->
                            reason.contains("'slow/10/0'") && reason.contains("'spinning' gave no reward within"))
                    .anyMatch(reason ->
                            reason.contains("'slow/11/1'") && reason.contains("ended its process with exit code 3"));
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(
                        () -> assertThat(ProcessHandle.current().descendants()).isEmpty());
    }

    @Test
    void shouldScoreProgramsThroughTheStage() throws Exception {
        CodeRewards.onThisMachine();
        var tests = Map.of("test_list", "[\"assert f(2) == 4\", \"assert f(3) == 9\"]");
        try (var producer = CLUSTER.events().producer();
                var scorer = scorer("code", CodeRewards.settings("reward.parts={task: 1.0, exact-match: 0.5}"))) {
            send(producer, "slow/20", 2, "code", "```python\ndef f(x):\n    return x * x\n```", tests);
            send(producer, "slow/21", 2, "code", "def f(x):\n    return x + 2", tests);

            assertThat(awaitScored("slow/20", 2)).allSatisfy(each -> {
                assertThat(each.getReward()).isEqualTo(1);
                assertThat(each.getRewardParts())
                        .isEqualTo(Map.of(
                                "task", 1.0, "task.passed_share", 1.0, "task.all_passed", 1.0, "exact-match", 0.0));
            });
            assertThat(awaitScored("slow/21", 2))
                    .extracting(ScoredRollout::getReward)
                    .containsOnly(0.5);
        }
    }
}
