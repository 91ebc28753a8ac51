package dev.respec.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.respec.schemas.OriginSpan;
import dev.respec.schemas.PackedArrays;
import dev.respec.schemas.PolicySpan;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.RolloutPurpose;
import dev.respec.schemas.WorkerState;
import dev.respec.schemas.WorkerStatus;
import dev.respec.stage.StageContext;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class RolloutWorkerIT {
    private static final String RUN = "run-1";

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    Path directory;

    @Test
    void shouldAnswerEveryRequestAcrossWorkersAndAdoptNewWeights() {
        TinyWorker worker = new TinyWorker(cluster, directory, RUN);
        try (EventProducer producer = cluster.events().producer()) {
            // Given requests, and a worker that is stopped after its first rollouts
            for (int i = 0; i < 12; i++) {
                producer.sendAndWait(TopicCatalogue.ROLLOUT_REQUESTS, RUN + "/" + i, worker.request(i));
            }
            producer.sendAndWait(TopicCatalogue.ROLLOUT_REQUESTS, "other/0", TinyWorker.request("other", 0));
            StageContext first = worker.start();
            await().atMost(TinyWorker.PATIENCE)
                    .until(() ->
                            !worker.failures().isEmpty() || !worker.rollouts().isEmpty());
            first.stop();
            await().atMost(TinyWorker.PATIENCE)
                    .until(() -> !worker.failures().isEmpty() || newest(worker.statuses()) == WorkerState.STOPPING);

            // When what it says it leaves is asked again, and another one goes on with newer weights
            WorkerStatus last = worker.statuses().get(worker.statuses().size() - 1);
            assertThat(last.getHeldRequestIds()).doesNotContainAnyElementsOf(last.getFinishedRequestIds());
            for (String left : last.getHeldRequestIds()) {
                int index = Integer.parseInt(left.substring(RUN.length() + 1));
                producer.sendAndWait(TopicCatalogue.ROLLOUT_REQUESTS, left, worker.request(index));
            }
            var stored = worker.store("policy/3", worker.weightsFolder());
            producer.sendAndWait(TopicCatalogue.WEIGHT_UPDATES, "policy", worker.update(3, stored));
            StageContext second = worker.start();
            await().atMost(TinyWorker.PATIENCE)
                    .until(() -> !worker.failures().isEmpty() || distinct(worker.rollouts()) == 12 * TinyWorker.GROUP);
            second.stop();
        }
        assertThat(worker.failures()).isEmpty();

        // Then both claimed what they generated, each under an incarnation of its own
        assertThat(worker.statuses().stream().map(WorkerStatus::getIncarnation).distinct())
                .hasSize(2);
        assertThat(worker.statuses().stream()
                        .flatMap(status -> status.getHeldRequestIds().stream())
                        .collect(Collectors.toSet()))
                .containsAll(
                        worker.rollouts().stream().map(Rollout::getRequestId).collect(Collectors.toSet()));

        // and each request has each of its samples, and what each one says of itself holds together
        List<Rollout> rollouts = worker.rollouts();
        for (Rollout rollout : rollouts) {
            int[] response = PackedArrays.toInts(rollout.getResponseTokens());
            assertThat(rollout.getRunId()).isEqualTo(RUN);
            assertThat(PackedArrays.toFloats(rollout.getLogProbabilities())).hasSameSizeAs(response);
            assertThat(rollout.getPolicySpans().stream()
                            .mapToInt(PolicySpan::getTokenCount)
                            .sum())
                    .isEqualTo(response.length);
            assertThat(rollout.getOriginSpans().stream()
                            .mapToInt(OriginSpan::getTokenCount)
                            .sum())
                    .isEqualTo(response.length);
        }
        assertThat(rollouts.stream()
                        .flatMap(rollout -> rollout.getPolicySpans().stream())
                        .mapToLong(PolicySpan::getPolicyVersion)
                        .max())
                .hasValue(3);
        assertThat(cluster.events().readAll(TopicCatalogue.ACCEPTANCE_STATS)).isNotEmpty();
        assertThat(cluster.events().readAll(TopicCatalogue.COST_PROFILES))
                .allSatisfy(event -> assertThat(event.requireValue().getCosts()).isNotEmpty());
        // and the request of another run is among the dead letters
        assertThat(cluster.events().readAll(TopicCatalogue.DEAD_LETTERS))
                .anySatisfy(
                        event -> assertThat(event.requireValue().getReason()).contains("belongs to run other"));
    }

    @Test
    void shouldAnswerAnEvaluationOnlyWithTheVersionThatItNames() {
        TinyWorker worker = new TinyWorker(cluster, directory, "evaluated");
        try (EventProducer producer = cluster.events().producer()) {
            // Given an evaluation of a version that the worker does not have yet, before a request for training
            var evaluation = worker.request(0);
            evaluation.setRequestId("evaluated/evaluation/1/sums/sampled/0/0");
            evaluation.setAdmittedAtVersion(3);
            evaluation.setPurpose(RolloutPurpose.EVALUATION);
            producer.sendAndWait(TopicCatalogue.ROLLOUT_REQUESTS, evaluation.getRequestId(), evaluation);
            producer.sendAndWait(TopicCatalogue.ROLLOUT_REQUESTS, "evaluated/1", worker.request(1));
            StageContext life = worker.start();
            await().atMost(TinyWorker.PATIENCE)
                    .until(() -> !worker.failures().isEmpty() || distinct(worker.rollouts()) == TinyWorker.GROUP);

            // When the version comes
            assertThat(worker.rollouts()).allMatch(rollout -> rollout.getPurpose() == RolloutPurpose.TRAINING);
            var stored = worker.store("policy/3", worker.weightsFolder());
            producer.sendAndWait(TopicCatalogue.WEIGHT_UPDATES, "policy", worker.update(3, stored));
            await().atMost(TinyWorker.PATIENCE)
                    .until(() -> !worker.failures().isEmpty() || distinct(worker.rollouts()) == 2 * TinyWorker.GROUP);
            life.stop();
        }

        // Then all of the evaluation is of that version
        assertThat(worker.failures()).isEmpty();
        assertThat(worker.rollouts())
                .filteredOn(rollout -> rollout.getPurpose() == RolloutPurpose.EVALUATION)
                .hasSize(TinyWorker.GROUP)
                .allSatisfy(rollout -> assertThat(rollout.getPolicySpans())
                        .extracting(PolicySpan::getPolicyVersion)
                        .containsExactly(3L));
    }

    private static WorkerState newest(List<WorkerStatus> statuses) {
        return statuses.get(statuses.size() - 1).getState();
    }

    private static long distinct(List<Rollout> rollouts) {
        return rollouts.stream().map(Rollout::getRolloutId).distinct().count();
    }
}
