package dev.respec.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.respec.learner.budget.Served;
import dev.respec.learner.pretraining.PolicyResponses;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.schemas.StepMetric;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import dev.respec.speculation.Setting;
import dev.respec.stage.StageContext;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.Event;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A learner whose budget follows what workers report. */
class LearnerBudgetIT {
    private static final String RUN = DrafterLearnerIT.RUN;

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    Path directory;

    private final Checkpoint policy = TinyModels.policy(5);
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
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
                "learner.interval=1s",
                "learner.max-duty=1",
                "learner.batch-rollouts=16",
                "learner.buffer-rollouts=256",
                "learner.hold-out-fraction=0.2",
                "learner.ttt-length=2",
                "learner.budget=auto",
                "learner.budget-fast=2s",
                "learner.budget-slow=4s"));
        config = RespecConfig.defaults().withOverrides(settings);
    }

    @Test
    void shouldRestWhileTheServedAcceptanceHoldsAndTrainAgainWhenItFalls() {
        var context = new StageContext(config, cluster.events(), metrics);
        var stage = CompletableFuture.runAsync(() -> new DrafterLearner().run(context));
        try (var producer = cluster.events().producer();
                var responses = new PolicyResponses(policy, prompts(), 1, 16, 16, 1)) {
            // Given a drafter that neither gains nor loses
            feedUntil(stage, producer, responses, 0.7, () -> rounds() > 0 && restsInTopic());
            long rested = rounds();
            assertThat(steps().get((int) rested - 1).getMetrics())
                    .containsEntry("training_share", 0.0)
                    .containsEntry("optimiser_steps", 0.0);

            // When that goes on, nothing is trained, however many rollouts come
            long until = System.nanoTime() + Duration.ofSeconds(5).toNanos();
            feedUntil(stage, producer, responses, 0.7, () -> System.nanoTime() > until);
            assertThat(share()).isZero();
            assertThat(rounds()).isEqualTo(rested);

            // Until it falls
            feedUntil(stage, producer, responses, 0.5, () -> rounds() > rested);
            assertThat(share()).isEqualTo(1);
        } finally {
            context.stop();
        }
        assertThat(stage).succeedsWithin(20, TimeUnit.SECONDS);
        DrafterLearnerIT.assertStepsTileTheTopic(steps());
        var last = steps().get(steps().size() - 1);
        assertThat(StepMetric.TRAINING_SHARE.of(last)).isEqualTo(1);
        assertThat(StepMetric.SERVED_FAST.of(last)).isLessThan(0.98 * StepMetric.SERVED_SLOW.of(last));
    }

    private void feedUntil(
            CompletableFuture<Void> stage,
            EventProducer producer,
            PolicyResponses responses,
            double rate,
            BooleanSupplier condition) {
        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    assertThat(stage).isNotCompletedExceptionally();
                    feed(producer, responses, rate);
                    return condition.getAsBoolean();
                });
    }

    private void feed(EventProducer producer, PolicyResponses responses, double rate) {
        for (int group = 0; group < 4; group++, requests++) {
            for (int sample = 0; sample < DrafterLearnerIT.GROUP; sample++) {
                String id = RUN + "/" + requests;
                producer.send(
                        TopicCatalogue.SCORED_ROLLOUTS, id, DrafterLearnerIT.scored(id, sample, responses.next()));
            }
        }
        var stats = Served.interval(
                newestDrafter(), System.currentTimeMillis(), Served.statistics(Setting.chain("eagle3", 4), rate, 4000));
        stats.setRunId(RUN);
        producer.sendAndWait(TopicCatalogue.ACCEPTANCE_STATS, "w", stats);
    }

    private static boolean restsInTopic() {
        var steps = steps();
        return Double.valueOf(0).equals(steps.get(steps.size() - 1).getMetrics().get("training_share"));
    }

    private double share() {
        return metrics.get("respec.learner.training.share").gauge().value();
    }

    private static long rounds() {
        return steps().size();
    }

    private static List<TrainingStep> steps() {
        return cluster.events().readAll(TopicCatalogue.TRAINING_STEPS).stream()
                .map(Event::requireValue)
                .toList();
    }

    private static long newestDrafter() {
        return cluster.events().readAll(TopicCatalogue.WEIGHT_UPDATES).stream()
                .map(Event::requireValue)
                .filter(update -> update.getRole() == WeightRole.DRAFTER)
                .mapToLong(WeightUpdate::getVersion)
                .max()
                .orElse(0);
    }

    private static Iterator<int[]> prompts() {
        var random = new Random(3);
        return Stream.generate(() -> random.ints(3, 1, TinyModels.VOCABULARY).toArray())
                .iterator();
    }
}
