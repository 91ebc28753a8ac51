package dev.respec.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.respec.model.TextTokenizer;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightUpdate;
import dev.respec.stage.StageProcess;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.Event;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import dev.respec.trainer.assembly.RecordedGroups;
import dev.respec.trainer.data.ArithmeticTask;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class TrainerIT {
    private static final int STEPS = 12;
    private static final int GROUPS = 3;
    private static final int GROUP_SIZE = 2;
    private static final int STALENESS = 1;
    private static final long SEED = Long.getLong("respec.seed", 1);

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    static Path folder;

    @Test
    void shouldTrainEveryGroupOnceThroughKills() throws Exception {
        // Given
        var settings = settings("kills");
        var log = folder.resolve("trainer.log");
        var random = new Random(SEED);

        try (var pipeline = new FakePipeline(cluster.events(), SEED)) {
            // When: killed twice at a random moment of a step, then left alone
            for (var killAfter : List.of(2, 6)) {
                var process = TrainerProcess.start(settings, log);
                await().atMost(Duration.ofSeconds(90))
                        .until(() -> !process.isAlive() || steps("kills").size() >= killAfter);
                Thread.sleep(random.nextInt(200));
                process.destroyForcibly().waitFor();
            }
            var code = StageProcess.run(new TrainerStage(), RespecConfig.load(null, Map.of(), settings));

            // Then
            assertThat(code).as("seed %d, log %s", SEED, Files.readString(log)).isZero();
            pipeline.close();
            assertSteps(steps("kills"));
            assertRangesTile(steps("kills"));
            assertVersionsIncrease(steps("kills"), updates("kills"));
            assertEveryRequestHasOneFate(steps("kills"), pipeline);
            assertThat(requests("kills"))
                    .extracting(RolloutRequest::getRequestId)
                    .doesNotHaveDuplicates();
            assertThat(Checkpoint.read(folder.resolve("kills/policy-final"))
                            .config()
                            .layers())
                    .isEqualTo(2);
            assertThat(folder.resolve("kills/policy-initial/tokenizer.json")).exists();

            // and training again from the recorded rollouts alone gives the same weights, to the bit
            var again = folder.resolve("again");
            trainOffline("kills", settings, again);
            assertThat(again.resolve("model.safetensors"))
                    .hasSameBinaryContentAs(folder.resolve("kills/policy-final/model.safetensors"));

            // and a finished run has nothing left to do
            assertThat(StageProcess.run(new TrainerStage(), RespecConfig.load(null, Map.of(), settings)))
                    .isZero();
            assertThat(steps("kills")).hasSize(STEPS);
        }
    }

    private static void trainOffline(String run, List<String> settings, Path output) {
        var topic = TopicCatalogue.SCORED_ROLLOUTS;
        var records = cluster.events().readAll(topic).iterator();
        var groups = new RecordedGroups(
                topic.name(),
                run,
                List.of(0, 1, 2, 3),
                () -> records.hasNext() ? Optional.of(records.next()) : Optional.empty());
        var start = folder.resolve(run).resolve("policy-initial");
        try (var training = new OfflineTraining(RespecConfig.load(null, Map.of(), settings), start, 0)) {
            for (var step : steps(run)) {
                var metrics = training.step(step.getStep(), groups.take(step.getRequestIds()), List.of());
                assertThat(step.getMetrics()).containsAllEntriesOf(metrics);
            }
            training.export(output);
        }
    }

    @Test
    void shouldRefuseAPolicyThatIsNotThere() {
        var settings = new ArrayList<>(settings("missing"));
        settings.add("model.policy=" + folder.resolve("nowhere"));

        assertThat(StageProcess.run(new TrainerStage(), RespecConfig.load(null, Map.of(), settings)))
                .isEqualTo(4);
    }

    private static void assertSteps(List<TrainingStep> steps) {
        assertThat(steps).extracting(TrainingStep::getStep).containsExactlyElementsOf(numbers(1, STEPS));
        assertThat(steps).allSatisfy(step -> {
            assertThat(step.getRequestIds()).hasSize(GROUPS);
            assertThat(step.getMetrics().get("staleness_max")).isBetween(0.0, (double) STALENESS);
            assertThat(step.getMetrics()).containsKeys("reward_mean", "acceptance_length");
            assertThat(step.getMetrics().containsKey("entropy")).isEqualTo(hasSignal(step));
            assertThat(step.getMetrics().containsKey("kl_sampler_trainer")).isEqualTo(hasSignal(step));
            assertThat(step.getMetrics().containsKey("ess")).isEqualTo(hasSignal(step));
            assertThat(step.getPhases()).containsKeys("waiting", "assembling", "forward-backward", "publishing");
        });
        assertThat(steps.stream().flatMap(step -> step.getRequestIds().stream()))
                .doesNotHaveDuplicates();
    }

    private static void assertRangesTile(List<TrainingStep> steps) {
        var positions = new HashMap<Integer, Long>();
        var stepOf = new HashMap<String, Long>();
        var scored = cluster.events().readAll(TopicCatalogue.SCORED_ROLLOUTS);
        for (var step : steps) {
            for (var range : step.getSourceOffsets()) {
                assertThat(range.getFromOffset()).isEqualTo(positions.getOrDefault(range.getPartition(), 0L));
                positions.put(range.getPartition(), range.getToOffset());
                scored.stream()
                        .filter(event -> event.partition() == range.getPartition()
                                && event.offset() >= range.getFromOffset()
                                && event.offset() < range.getToOffset())
                        .map(Event::requireValue)
                        .filter(record -> record.getRunId().equals("kills"))
                        .map(ScoredRollout::getRequestId)
                        .forEach(id -> assertThat(stepOf.merge(id, step.getStep(), (a, b) -> a.equals(b) ? a : -1L))
                                .isEqualTo(step.getStep()));
            }
        }
        for (var step : steps) {
            step.getRequestIds().forEach(id -> assertThat(stepOf).containsEntry(id, step.getStep()));
        }
    }

    /** One version for each step that taught something, announced once. */
    private static void assertVersionsIncrease(List<TrainingStep> steps, List<WeightUpdate> updates) {
        int taught = (int) steps.stream().filter(TrainerIT::hasSignal).count();
        assertThat(updates).extracting(WeightUpdate::getVersion).containsExactlyElementsOf(numbers(0, taught));
        assertThat(steps.get(steps.size() - 1).getVersion()).isEqualTo(taught);
    }

    private static boolean hasSignal(TrainingStep step) {
        return step.getMetrics().getOrDefault("no_signal", Double.NaN) == 0;
    }

    /** Complete groups are trained on, incomplete ones dropped by exactly one step; their prompts are asked again. */
    private static void assertEveryRequestHasOneFate(List<TrainingStep> steps, FakePipeline pipeline) {
        var fates = new TreeMap<String, Integer>();
        steps.forEach(step -> step.getRequestIds().forEach(id -> fates.merge(id, 1, Integer::sum)));
        steps.forEach(step ->
                step.getDroppedRequestIds().forEach(dropped -> fates.merge(dropped.split(" ", 2)[0], 1, Integer::sum)));
        assertThat(fates.values()).containsOnly(1);
        var dropped = steps.stream()
                .flatMap(step -> step.getDroppedRequestIds().stream())
                .filter(entry -> entry.endsWith(" incomplete"))
                .map(entry -> entry.split(" ", 2)[0])
                .toList();
        assertThat(pipeline.incomplete()).containsAll(dropped);

        var trained = steps.stream()
                .flatMap(step -> step.getRequestIds().stream())
                .collect(java.util.stream.Collectors.toSet());
        var positions = requests("kills").stream()
                .filter(request -> trained.contains(request.getRequestId()))
                .map(request -> request.getMetadata().get("respec.position"))
                .toList();
        assertThat(positions).hasSize(STEPS * GROUPS).doesNotHaveDuplicates();
    }

    private static List<Long> numbers(long from, long to) {
        return java.util.stream.LongStream.rangeClosed(from, to).boxed().toList();
    }

    private static List<TrainingStep> steps(String run) {
        return cluster.events().readAll(TopicCatalogue.TRAINING_STEPS).stream()
                .map(Event::requireValue)
                .filter(step -> step.getRunId().equals(run))
                .toList();
    }

    private static List<WeightUpdate> updates(String run) {
        return cluster.events().readAll(TopicCatalogue.WEIGHT_UPDATES).stream()
                .map(Event::requireValue)
                .filter(update -> update.getRunId().equals(run))
                .toList();
    }

    private static List<RolloutRequest> requests(String run) {
        return cluster.events().readAll(TopicCatalogue.ROLLOUT_REQUESTS).stream()
                .map(Event::requireValue)
                .filter(request -> request.getRunId().equals(run))
                .toList();
    }

    private static List<String> settings(String run) {
        var settings = new ArrayList<>(cluster.configSettings());
        settings.addAll(List.of(
                "run.id=" + run,
                "run.steps=" + STEPS,
                "run.data-dir=" + folder.resolve(run),
                "artefacts.root=" + folder.resolve("artefacts"),
                "model.policy=" + policy(),
                "trainer.prompts-per-step=" + GROUPS,
                "trainer.group-size=" + GROUP_SIZE,
                "trainer.max-staleness=" + STALENESS,
                "trainer.threads=1"));
        return settings;
    }

    private static Path policy() {
        var directory = folder.resolve("policy");
        if (!Files.exists(directory)) {
            TextTokenizer.writeCharacterTokenizer(directory, ArithmeticTask.CHARACTERS, List.of("<pad>", "<eos>"));
            Checkpoint.random(ModelConfig.qwen2(22, 32, 64, 2, 4, 2, 768, List.of(1)), 3)
                    .write(directory);
        }
        return directory;
    }
}
