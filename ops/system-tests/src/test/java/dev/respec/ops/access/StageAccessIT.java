package dev.respec.ops.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.respec.ops.Respec;
import dev.respec.ops.cluster.Stages;
import dev.respec.ops.ui.PageAddress;
import dev.respec.ops.ui.RunPage;
import dev.respec.ops.ui.WatchedRun;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import dev.respec.stage.RunningStage;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.ClusterUnreachableException;
import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole pipeline on a broker that asks who one is: each stage is a user of its own, connects by TLS with a password
 * from a file, does its work with what the rules give it, and is refused everything else. What is allowed stands here by
 * hand, not taken from the rules.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StageAccessIT {
    private static final int STEPS = 6;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String OTHER_INSTALLATION = "other-rollouts";

    private static final Map<String, Set<String>> READS = Map.of(
            "rollout-worker", Set.of("rollout-requests", "rollouts", "sd-settings", "weight-updates"),
            "reward-scorer", Set.of("rollouts"),
            "sd-controller", Set.of("acceptance-stats", "cost-profiles"),
            "drafter-learner", Set.of("acceptance-stats", "scored-rollouts", "weight-updates", "training-steps"),
            "trainer",
                    Set.of(
                            "rollout-requests",
                            "scored-rollouts",
                            "worker-status",
                            "weight-updates",
                            "training-steps",
                            "evaluations"),
            "operator", Set.of(),
            "observer",
                    Set.of(
                            "rollout-requests",
                            "rollouts",
                            "acceptance-stats",
                            "cost-profiles",
                            "sd-settings",
                            "scored-rollouts",
                            "weight-updates",
                            "worker-status",
                            "training-steps",
                            "evaluations",
                            "dead-letters"));
    private static final Map<String, Set<String>> WRITES = Map.of(
            "rollout-worker", Set.of("rollouts", "acceptance-stats", "cost-profiles", "worker-status", "dead-letters"),
            "reward-scorer", Set.of("scored-rollouts", "dead-letters"),
            "sd-controller", Set.of("sd-settings", "dead-letters"),
            "drafter-learner", Set.of("weight-updates", "training-steps", "dead-letters"),
            "trainer", Set.of("rollout-requests", "weight-updates", "training-steps", "evaluations", "dead-letters"),
            "operator", Set.of(),
            "observer", Set.of());
    private static final Map<String, Set<String>> GROUPS = Map.of(
            "rollout-worker", Set.of("rollout-workers"),
            "reward-scorer", Set.of("reward-scorer"),
            "sd-controller", Set.of("sd-controller"),
            "operator", Set.of("rollout-workers"), // waits for the group's coordinator
            "observer", Set.of("rollout-workers"));
    private static final Map<String, Set<String>> TRANSACTIONS =
            Map.of("reward-scorer", Set.of("reward-scorer-x"), "trainer", Set.of("trainer-x"));

    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init") // before all
    private static SecureCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = SecureCluster.start(folder);
        for (String role : READS.keySet()) {
            cluster.addUser("respec-" + role);
        }
        try (var admin = cluster.superUser()) {
            admin.createTopics(List.of(new NewTopic(OTHER_INSTALLATION, 1, (short) 1)))
                    .all()
                    .get();
        }
        assertThat(command(cluster.superUserSettings(), "topics", "acls", "--apply"))
                .isZero();
        assertThat(command(connection("operator"), "topics", "apply")).isZero();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    @Order(1)
    void shouldTrainWithEachStageAsAUserOfItsOwn() throws Exception {
        var stages = new LinkedHashMap<String, RunningStage>();
        try (var observer = new EventLog(config("observer").cluster(), "observer")) {
            for (var entry : Stages.all()) {
                var stage = entry.create();
                stages.put(stage.name(), new RunningStage(stage, config(stage.name())));
            }

            awaitWhileAllLive("the trainer's steps", stages, Objects.requireNonNull(stages.get("trainer"))::ended);
            awaitWhileAllLive(
                    "settings",
                    stages,
                    () -> !observer.readAll(TopicCatalogue.SD_SETTINGS).isEmpty());
            awaitWhileAllLive(
                    "a round of the learner",
                    stages,
                    () -> observer.readAll(TopicCatalogue.TRAINING_STEPS).stream()
                            .anyMatch(event -> event.requireValue().getRole() == WeightRole.DRAFTER));

            assertThat(stages.values())
                    .allSatisfy(stage -> assertThat(stage.deadLetters()).isZero());
            assertThat(observer.readAll(TopicCatalogue.TRAINING_STEPS).stream()
                            .map(event -> event.requireValue())
                            .filter(step -> step.getRole() == WeightRole.POLICY)
                            .map(TrainingStep::getStep))
                    .containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
            for (var topic : List.of(
                    TopicCatalogue.ACCEPTANCE_STATS, TopicCatalogue.COST_PROFILES, TopicCatalogue.WORKER_STATUS)) {
                assertThat(observer.readAll(topic)).as(topic.name()).isNotEmpty();
            }
        } finally {
            for (var stage : stages.values()) {
                stage.close();
            }
        }
    }

    @Test
    @Order(2)
    void shouldRefuseEverythingElse() throws Exception {
        for (String role : READS.keySet()) {
            try (var tries = attempts(role)) {
                for (var topic : TopicCatalogue.all()) {
                    var name = SecureCluster.PREFIX + topic.name();
                    assertThat(tries.read(name)).as("%s reads %s", role, topic).isEqualTo(allows(READS, role, topic));
                    if (allows(WRITES, role, topic)) { // a record of this test would poison the readers
                        assertThat(tries.may(AclOperation.WRITE, name))
                                .as("%s writes %s", role, topic)
                                .isTrue();
                    } else {
                        assertThat(tries.write(name))
                                .as("%s writes %s", role, topic)
                                .isFalse();
                    }
                    assertThat(tries.delete(name))
                            .as("%s deletes %s", role, topic)
                            .isFalse();
                }
                for (String group : List.of("rollout-workers", "reward-scorer", "sd-controller", "report")) {
                    assertThat(tries.use(SecureCluster.PREFIX + group))
                            .as("%s in group %s", role, group)
                            .isEqualTo(GROUPS.getOrDefault(role, Set.of()).contains(group));
                }
                for (String id : List.of("reward-scorer-x", "trainer-x", "x")) {
                    assertThat(tries.begin(SecureCluster.PREFIX + id))
                            .as("%s transacts as %s", role, id)
                            .isEqualTo(TRANSACTIONS.getOrDefault(role, Set.of()).contains(id));
                }
                assertThat(tries.read(OTHER_INSTALLATION)).as(role).isFalse();
                assertThat(tries.write(OTHER_INSTALLATION)).as(role).isFalse();
                assertThat(tries.create(SecureCluster.PREFIX + "more")).as(role).isFalse();
                assertThat(tries.seeAcls()).as(role).isFalse();
                assertThat(tries.seeUsers()).as(role).isFalse();
                assertThat(tries.configure(
                                new ConfigResource(ConfigResource.Type.BROKER, "1"), "background.threads", "3"))
                        .as(role)
                        .isFalse();
                assertThat(tries.configure(
                                new ConfigResource(ConfigResource.Type.TOPIC, SecureCluster.PREFIX + "rollouts"),
                                "retention.ms",
                                "2592000000"))
                        .as(role)
                        .isEqualTo(role.equals("operator"));
            }
        }
    }

    @Test
    @Order(3)
    void shouldSayWhoIsRefusedAndNeverWithWhat() throws Exception {
        var wrong = RespecConfig.defaults().withOverrides(cluster.settings("respec-trainer", "wr0ng-s3cret"));
        try (var events = new EventLog(wrong.cluster(), "test")) {
            assertThatThrownBy(() -> events.verifyReachable(Duration.ofSeconds(30)))
                    .isInstanceOf(ClusterUnreachableException.class)
                    .hasMessageContaining("refuses this client")
                    .hasMessageContaining("kafka.properties-file")
                    .message()
                    .doesNotContain("wr0ng-s3cret");
        }
        var config = config("trainer");
        assertThat(config.toYaml() + config + config.cluster())
                .contains("respec-trainer.properties")
                .doesNotContain(SecureCluster.password("respec-trainer"), SecureCluster.REGISTRY_PASSWORD);

        var untrusted = new ArrayList<>(connection("trainer"));
        untrusted.add("registry.trusted-certificates=");
        try (var events =
                new EventLog(RespecConfig.defaults().withOverrides(untrusted).cluster(), "test")) {
            assertThatThrownBy(() -> events.verifyReachable(Duration.ofSeconds(30)))
                    .hasMessageContaining("registry.trusted-certificates");
        }
        var wrongRegistry = new ArrayList<>(connection("trainer"));
        wrongRegistry.addAll(List.of("registry.password=n0t-it", "registry.password-file="));
        try (var events = new EventLog(
                RespecConfig.defaults().withOverrides(wrongRegistry).cluster(), "test")) {
            assertThatThrownBy(() -> events.verifyReachable(Duration.ofSeconds(30)))
                    .hasMessageContaining("401")
                    .message()
                    .doesNotContain("n0t-it");
        }
    }

    @Test
    @Order(4)
    void shouldServeThePageOfWhatMayBeReadAndNameWhatMayNot() throws Exception {
        for (String role : List.of("trainer", "observer")) {
            List<String> lines = new CopyOnWriteArrayList<>();
            try (RunPage page = RunPage.start(
                    PageAddress.loopback(0), List.of(WatchedRun.onCluster(config(role), 100_000, lines::add)))) {
                await().atMost(PATIENCE)
                        .until(() -> get(page, "/api/runs/0/rows/steps").statusCode() == 200);

                assertThat(get(page, "/api/runs/0/rows/steps").body()).contains("\"step\":6");
                List<String> unread = TopicCatalogue.all().stream()
                        .filter(topic -> !topic.equals(TopicCatalogue.ROLLOUTS))
                        .filter(topic -> !topic.equals(TopicCatalogue.DEAD_LETTERS)) // empty, so that nobody reads it
                        .filter(topic -> !allows(READS, role, topic))
                        .map(topic -> "topic " + SecureCluster.PREFIX + topic.name())
                        .toList();
                await().atMost(PATIENCE).until(() -> lines.size() >= unread.size()); // one topic is read after another
                assertThat(lines)
                        .hasSameSizeAs(unread)
                        .allMatch(line -> line.endsWith("give its user the role observer ('respec topics acls')"))
                        .extracting(line -> line.substring(0, line.indexOf(':')))
                        .containsExactlyInAnyOrderElementsOf(unread);
            }
        }
    }

    private static HttpResponse<String> get(RunPage page, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(page.url() + path)).build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private static void awaitWhileAllLive(
            String what, Map<String, RunningStage> stages, java.util.concurrent.Callable<Boolean> condition) {
        await(what).atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() -> {
            stages.values().forEach(RunningStage::ended);
            return condition.call();
        });
    }

    private static boolean allows(Map<String, Set<String>> allowed, String role, dev.respec.topics.Topic<?> topic) {
        return allowed.getOrDefault(role, Set.of()).contains(topic.name());
    }

    private static Attempts attempts(String role) throws Exception {
        var access = config(role).cluster();
        return new Attempts(access.bootstrapServers(), access.properties());
    }

    private static RespecConfig config(String role) throws Exception {
        var settings = new ArrayList<>(connection(role));
        settings.addAll(List.of(
                "run.id=secured",
                "run.steps=" + STEPS,
                "run.data-dir=" + folder.resolve("data"),
                "model.policy=" + Path.of("models/policy").toAbsolutePath(),
                "model.drafter=" + Path.of("models/drafter").toAbsolutePath(),
                "sampling.max-tokens=96",
                "worker.id=one",
                "worker.slots=8",
                "worker.capacity=256",
                "worker.cost-batches=[1, 4, 8]",
                "controller.minimum-samples=1",
                "trainer.prompts-per-step=4",
                "trainer.group-size=4",
                "learner.batch-rollouts=4",
                "learner.interval=1s",
                "learner.max-duty=1",
                "learner.hold-out-fraction=0.4"));
        return RespecConfig.defaults().withOverrides(settings);
    }

    private static List<String> connection(String role) throws Exception {
        return cluster.settings("respec-" + role, SecureCluster.password("respec-" + role));
    }

    private static int command(List<String> settings, String... words) {
        var arguments = new ArrayList<>(List.of(words));
        settings.forEach(setting -> arguments.addAll(List.of("--set", setting)));
        return Respec.execute(arguments.toArray(String[]::new));
    }
}
