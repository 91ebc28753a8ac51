package dev.respec.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.respec.schemas.PackedArrays;
import dev.respec.schemas.PolicySpan;
import dev.respec.schemas.Rollout;
import dev.respec.stage.StageContext;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.nio.file.Path;
import java.util.List;
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
    void shouldAnswerEveryRequestAcrossAWorkersDeathAndAdoptNewWeights() {
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

            // When another one goes on, with newer weights published meanwhile
            var stored = worker.store("policy/3", worker.weightsFolder());
            producer.sendAndWait(TopicCatalogue.WEIGHT_UPDATES, "policy", worker.update(3, stored));
            StageContext second = worker.start();
            await().atMost(TinyWorker.PATIENCE)
                    .until(() -> !worker.failures().isEmpty() || distinct(worker.rollouts()) == 12 * TinyWorker.GROUP);
            second.stop();
        }
        assertThat(worker.failures()).isEmpty();

        // Then each request has each of its samples, and what each one says of itself holds together
        List<Rollout> rollouts = worker.rollouts();
        for (Rollout rollout : rollouts) {
            int[] response = PackedArrays.toInts(rollout.getResponseTokens());
            assertThat(rollout.getRunId()).isEqualTo(RUN);
            assertThat(PackedArrays.toFloats(rollout.getLogProbabilities())).hasSameSizeAs(response);
            assertThat(rollout.getPolicySpans().stream()
                            .mapToInt(PolicySpan::getTokenCount)
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

    private static long distinct(List<Rollout> rollouts) {
        return rollouts.stream().map(Rollout::getRolloutId).distinct().count();
    }
}
