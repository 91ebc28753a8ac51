package dev.respec.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.model.TextTokenizer;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.schemas.EvaluationMode;
import dev.respec.schemas.EvaluationRequestId;
import dev.respec.schemas.PolicyEvaluation;
import dev.respec.schemas.RolloutPurpose;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.TrainingStep;
import dev.respec.stage.StageProcess;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.Event;
import dev.respec.topics.Topic;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import dev.respec.trainer.data.ArithmeticTask;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The pipeline behind it answers with the newest version or the one before, and now and then incompletely. */
class EvaluationIT {
    private static final int PROMPTS = 3;
    private static final int SAMPLES = 2;
    private static final long SEED = Long.getLong("respec.seed", 1);

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    static Path folder;

    @Test
    void shouldEvaluateOneVersionEachTimeThroughKillsAndTrainOnNoneOfIt() throws Exception {
        // Given
        var settings = settings("kills", "run.steps=5", "evaluation.every=2");
        var log = folder.resolve("trainer.log");
        var random = new Random(SEED);
        try (var pipeline = new FakePipeline(cluster.events(), SEED)) {
            // When: killed twice at a random moment, then left alone
            for (var killAfter : List.of(1, 3)) {
                var process = TrainerProcess.start(settings, log);
                await().atMost(Duration.ofSeconds(90))
                        .until(() -> !process.isAlive() || steps("kills").size() >= killAfter);
                Thread.sleep(random.nextInt(400));
                process.destroyForcibly().waitFor();
            }
            var code = StageProcess.run(new TrainerStage(), RespecConfig.load(null, Map.of(), settings));

            // Then before the first step, every two steps and at the end, once in each mode
            assertThat(code).as("seed %d, log %s", SEED, Files.readString(log)).isZero();
        }
        var results = evaluations("kills");
        assertThat(results.stream().map(result -> result.getStep() + " " + result.getMode()))
                .containsExactlyInAnyOrder(
                        "0 GREEDY",
                        "0 SAMPLED",
                        "2 GREEDY",
                        "2 SAMPLED",
                        "4 GREEDY",
                        "4 SAMPLED",
                        "5 GREEDY",
                        "5 SAMPLED");
        assertThat(results).allSatisfy(EvaluationIT::assertOfOneVersion);
        assertThat(results.stream().flatMap(result -> result.getRequestIds().stream()))
                .doesNotHaveDuplicates();

        // and steps are gapless, took nothing of it, and their offsets tile the topic with it in it
        assertThat(steps("kills")).extracting(TrainingStep::getStep).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(steps("kills")).allSatisfy(step -> {
            assertThat(step.getRequestIds()).noneMatch(EvaluationRequestId::isIn);
            assertThat(step.getDroppedRequestIds())
                    .noneMatch(entry -> EvaluationRequestId.isIn(entry.split(" ", 2)[0]));
        });
        assertRangesTile(steps("kills"));

        // and each question was published once, unless it was asked again under a new id
        var asked = requests("kills").stream()
                .filter(request -> EvaluationRequestId.isIn(request.getRequestId()))
                .toList();
        assertThat(asked).extracting(RolloutRequest::getRequestId).doesNotHaveDuplicates();
        assertThat(asked).allMatch(request -> request.getPurpose() == RolloutPurpose.EVALUATION);
        assertBestIsKept("kills", results);
    }

    /** Every answer that counts was drawn from the version that the event names, from its first token to its last. */
    private static void assertOfOneVersion(PolicyEvaluation result) {
        assertThat(result.getPrompts() + result.getUnansweredPrompts()).isEqualTo(PROMPTS);
        assertThat(result.getRequestIds()).hasSize(result.getPrompts());
        var samples = result.getMode() == EvaluationMode.GREEDY ? 1 : SAMPLES;
        var version = result.getStep() == 0
                ? 0
                : steps("kills").get((int) result.getStep() - 1).getVersion();
        assertThat(result.getPolicyVersion()).isEqualTo(version);
        var rewards = new ArrayList<Double>();
        for (var id : result.getRequestIds()) {
            var answers = all(TopicCatalogue.SCORED_ROLLOUTS, ScoredRollout::getRunId, "kills").stream()
                    .filter(record -> record.getRequestId().equals(id))
                    .toList();
            assertThat(answers).hasSize(samples);
            answers.forEach(answer -> {
                rewards.add(answer.getReward());
                assertThat(answer.getRollout().getPolicySpans())
                        .allMatch(span -> span.getPolicyVersion() == result.getPolicyVersion());
            });
        }
        // pass@1 is the share of all answers that pass, and rewards are 0 or 1
        assertThat(result.getMetrics().get("pass@1"))
                .isEqualTo(
                        rewards.stream()
                                .mapToDouble(Double::doubleValue)
                                .average()
                                .orElseThrow(),
                        org.assertj.core.api.Assertions.within(1e-12));
    }

    private static void assertRangesTile(List<TrainingStep> steps) {
        var positions = new HashMap<Integer, Long>();
        for (var step : steps) {
            for (var range : step.getSourceOffsets()) {
                assertThat(range.getFromOffset()).isEqualTo(positions.getOrDefault(range.getPartition(), 0L));
                positions.put(range.getPartition(), range.getToOffset());
            }
        }
    }

    private static void assertBestIsKept(String run, List<PolicyEvaluation> results) throws Exception {
        var best = results.stream()
                .filter(result -> result.getMode() == EvaluationMode.SAMPLED)
                .sorted(Comparator.comparingLong(PolicyEvaluation::getStep))
                .reduce((a, b) -> score(b) > score(a) ? b : a)
                .orElseThrow();
        var kept = folder.resolve(run).resolve("policy-best");
        var about = new ObjectMapper().readTree(kept.resolve("evaluation.json").toFile());
        assertThat(about.get("step").asLong()).isEqualTo(best.getStep());
        assertThat(about.get("score").asDouble()).isEqualTo(score(best));
        assertThat(Checkpoint.read(kept).config().layers()).isEqualTo(2);
        assertThat(kept.resolve("tokenizer.json")).exists();
    }

    private static double score(PolicyEvaluation result) {
        return result.getMetrics().getOrDefault("pass@1", -1.0);
    }

    @Test
    void shouldEndTheRunWhenPatienceIsOver() throws Exception {
        var settings = settings("patience", "run.steps=40", "evaluation.every=1", "evaluation.patience=1");
        try (var pipeline = new FakePipeline(cluster.events(), SEED)) {
            var config = RespecConfig.load(null, Map.of(), settings);
            assertThat(StageProcess.run(new TrainerStage(), config)).isZero();

            // six answers can rise six times at most
            var last = evaluations("patience").stream()
                    .filter(result -> result.getEndsRun() != null)
                    .toList();
            assertThat(last).hasSize(1);
            assertThat(last.get(0).getEndsRun()).contains("evaluation.patience");
            assertThat(steps("patience")).hasSize((int) last.get(0).getStep() + 1);
            assertThat(folder.resolve("patience/policy-final/config.json")).exists();

            // and every request has its fate, and a finished run has nothing left to do
            var fates = new HashSet<String>();
            steps("patience").forEach(step -> {
                fates.addAll(step.getRequestIds());
                step.getDroppedRequestIds().forEach(entry -> fates.add(entry.split(" ", 2)[0]));
            });
            assertThat(requests("patience").stream()
                            .map(RolloutRequest::getRequestId)
                            .filter(id -> !EvaluationRequestId.isIn(id)))
                    .isSubsetOf(fates);
            var steps = steps("patience").size();
            assertThat(StageProcess.run(new TrainerStage(), config)).isZero();
            assertThat(steps("patience")).hasSize(steps);
        }
    }

    private static List<TrainingStep> steps(String run) {
        return all(TopicCatalogue.TRAINING_STEPS, TrainingStep::getRunId, run);
    }

    private static List<PolicyEvaluation> evaluations(String run) {
        return all(TopicCatalogue.EVALUATIONS, PolicyEvaluation::getRunId, run);
    }

    private static List<RolloutRequest> requests(String run) {
        return all(TopicCatalogue.ROLLOUT_REQUESTS, RolloutRequest::getRunId, run);
    }

    private static <V extends SpecificRecord> List<V> all(Topic<V> topic, Function<V, String> runId, String run) {
        return cluster.events().readAll(topic).stream()
                .map(Event::requireValue)
                .filter(value -> runId.apply(value).equals(run))
                .toList();
    }

    private static List<String> settings(String run, String... further) {
        var settings = new ArrayList<>(cluster.configSettings());
        settings.addAll(List.of(
                "run.id=" + run,
                "run.data-dir=" + folder.resolve(run),
                "artefacts.root=" + folder.resolve("artefacts"),
                "model.policy=" + policy(),
                "trainer.prompts-per-step=3",
                "trainer.group-size=2",
                "trainer.max-staleness=1",
                "trainer.most-attempts=30",
                "trainer.threads=1",
                "evaluation.size=" + PROMPTS,
                "evaluation.samples=" + SAMPLES));
        settings.addAll(List.of(further));
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
