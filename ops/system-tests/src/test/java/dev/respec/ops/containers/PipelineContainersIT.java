package dev.respec.ops.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.respec.ops.audit.RunAudit;
import dev.respec.ops.audit.RunReader;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import dev.respec.topics.Event;
import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * One small run across containers, each test a chapter of it: a container a stage, workers that are killed, join, lose
 * their network and leave; at the end the topics must account for every request.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@EnabledIf(
        value = "dev.respec.ops.containers.ContainerEngine#hasImages",
        disabledReason = "no container engine answers, or it lacks the images of ops/images/build:"
                + " ChaosIT does the same to processes on the embedded broker")
class PipelineContainersIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration CUT = Duration.ofSeconds(17);
    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("RESPEC_RUN_STEPS", "0"),
            Map.entry("RESPEC_TRAINER_PROMPTS_PER_STEP", "4"),
            Map.entry("RESPEC_TRAINER_GROUP_SIZE", "4"),
            Map.entry("RESPEC_SAMPLING_MAX_TOKENS", "64"),
            Map.entry("RESPEC_WORKER_SLOTS", "8"),
            Map.entry("RESPEC_WORKER_CAPACITY", "192"),
            Map.entry("RESPEC_WORKER_COST_BATCHES", "[1, 4, 8]"),
            Map.entry("RESPEC_CONTROLLER_MINIMUM_SAMPLES", "10"),
            Map.entry("RESPEC_LEARNER_BATCH_ROLLOUTS", "8"),
            Map.entry("RESPEC_LEARNER_INTERVAL", "5s"));

    private final ContainerPipeline pipeline = new ContainerPipeline();

    @SuppressWarnings("NullAway.Init") // before all
    private EventLog events;

    @SuppressWarnings("NullAway.Init") // the first chapter starts it
    private StageContainer trainer;

    @SuppressWarnings("NullAway.Init") // the first chapter starts it
    private StageContainer worker;

    @BeforeAll
    void start() {
        pipeline.start();
        events = pipeline.events();
    }

    @AfterAll
    void stop() {
        events.close();
        pipeline.close();
    }

    @Test
    @Order(1)
    void shouldTrainAcrossContainers() throws Exception {
        var scorer = pipeline.start("reward-scorer", SETTINGS, 384);
        pipeline.start("sd-controller", SETTINGS, 384);
        pipeline.start("drafter-learner", SETTINGS, 1024);
        trainer = pipeline.start("trainer", SETTINGS, 1536);
        worker = pipeline.start("rollout-worker", SETTINGS, 1024);

        awaitThat("two steps", () -> lastStep() >= 2);

        assertThat(rolloutsBy(worker)).isPositive();
        assertThat(scorer.execInContainer("ls", "/opt/respec/lib").getStdout())
                .contains("kafka-streams")
                .doesNotContain("pytorch", "tokenizers", "language-model");
        assertThat(scorer.execInContainer("id", "-u").getStdout()).isEqualTo("10001\n");
        assertThat(scorer.execInContainer("touch", "/opt/respec/lib/more.jar").getStderr())
                .contains("Read-only file system");
        awaitThat(
                "settings of the controller",
                () -> !events.readAll(TopicCatalogue.SD_SETTINGS).isEmpty());
        awaitThat(
                "a round of the learner",
                () -> events.readAll(TopicCatalogue.TRAINING_STEPS).stream()
                        .anyMatch(event -> event.requireValue().getRole() == WeightRole.DRAFTER));
    }

    @Test
    @Order(2)
    void shouldGoOnWhenAWorkerIsKilled() {
        worker.kill();
        long before = lastStep();
        worker = pipeline.start("rollout-worker", SETTINGS, 1024);

        awaitThat("steps without the killed worker", () -> lastStep() >= before + 3);

        assertThat(rolloutsBy(worker)).isPositive();
    }

    @Test
    @Order(3)
    void shouldShareTheQueueWithASecondWorker() {
        var second = pipeline.start("rollout-worker", SETTINGS, 1024);
        long before = rolloutsBy(worker);

        awaitThat("rollouts by both", () -> rolloutsBy(second) > 0 && rolloutsBy(worker) > before);
    }

    @Test
    @Order(4)
    void shouldGoOnAfterANetworkCut() {
        long before = lastStep();
        worker.leave(pipeline.network());
        // Longer than a lock and a session last: the group gives its requests to the other worker.
        var longEnough = Instant.now().plus(CUT);
        awaitThat(
                "steps while a worker is cut off",
                () -> lastStep() >= before + 4 && Instant.now().isAfter(longEnough));
        var joined = Instant.now();
        worker.join(pipeline.network());

        awaitThat(
                "rollouts by the worker that is back",
                () -> events.readAll(TopicCatalogue.ROLLOUTS).stream()
                        .filter(event -> event.timestamp().isAfter(joined))
                        .map(Event::requireValue)
                        .anyMatch(rollout -> rollout.getWorkerId().equals(worker.hostName())));
    }

    @Test
    @Order(5)
    void shouldStopInTimeGoOnElsewhereAndAccountForEverything() {
        // The trainer stops as it is asked, and goes on in another container up to its last step.
        trainer.terminate();
        assertThat(trainer.state().getExitCodeLong()).isIn(0L, 143L);
        long before = lastStep();
        var last = new HashMap<>(SETTINGS);
        last.put("RESPEC_RUN_STEPS", Long.toString(before + 3));
        var resumed = pipeline.start("trainer", last, 1536);
        awaitThat("the last step", () -> Boolean.FALSE.equals(resumed.state().getRunning()));

        assertThat(resumed.state().getExitCodeLong()).as(resumed.getLogs()).isZero();
        assertThat(lastStep()).isEqualTo(before + 3);
        awaitThat(
                "the scorer to close what is open",
                () -> new RunReader(events, ContainerPipeline.RUN).openGroups() == 0);
        var report = RunAudit.audit(new RunReader(events, ContainerPipeline.RUN).read(), 2);
        assertThat(report.violations()).as(report.toString()).isEmpty();
        assertThat(report.missingRollouts()).as(report.toString()).isZero();

        worker.terminate();
        assertThat(worker.state().getExitCodeLong()).isIn(0L, 143L);
        assertThat(pipeline.stages())
                .allSatisfy(stage -> assertThat(stage.state().getOOMKilled()).isFalse());
    }

    private long lastStep() {
        return events.readAll(TopicCatalogue.TRAINING_STEPS).stream()
                .map(Event::requireValue)
                .filter(step -> step.getRole() == WeightRole.POLICY)
                .mapToLong(TrainingStep::getStep)
                .max()
                .orElse(0);
    }

    private long rolloutsBy(StageContainer worker) {
        return events.readAll(TopicCatalogue.ROLLOUTS).stream()
                .map(Event::requireValue)
                .map(Rollout::getWorkerId)
                .filter(worker.hostName()::equals)
                .count();
    }

    private static void awaitThat(String what, Callable<Boolean> condition) {
        await(what).atMost(PATIENCE).pollInterval(Duration.ofSeconds(1)).until(condition);
    }
}
