package dev.respec.worker;

import dev.respec.artefacts.ArtefactStore;
import dev.respec.artefacts.StoredArtefact;
import dev.respec.model.TextTokenizer;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.SamplingParameters;
import dev.respec.schemas.TrustedEvents;
import dev.respec.schemas.WeightUpdate;
import dev.respec.schemas.WorkerStatus;
import dev.respec.stage.StageContext;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.Event;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import dev.respec.topics.embedded.SampleEvents;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A worker stage over a policy of eight small layers, run in threads of the test. */
final class TinyWorker {
    static {
        TrustedEvents.trust(); // builders fill in defaults
    }

    static final int GROUP = 4;
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private final EmbeddedCluster cluster;
    private final Path directory;
    private final String runId;
    private final Checkpoint policy =
            Checkpoint.random(ModelConfig.qwen2(7, 16, 32, 8, 2, 1, 96, List.of(1)), 3, 0.4, 1);
    private final Queue<Exception> failures = new ConcurrentLinkedQueue<>();
    private final RespecConfig config;

    TinyWorker(EmbeddedCluster cluster, Path directory, String runId) {
        this.cluster = cluster;
        this.directory = directory;
        this.runId = runId;
        policy.write(directory.resolve("policy"));
        TextTokenizer.writeCharacterTokenizer(directory.resolve("policy"), "12345", List.of("<pad>", "<eos>"));
        List<String> settings = new ArrayList<>(cluster.configSettings());
        settings.addAll(List.of(
                "run.id=" + runId,
                "run.data-dir=" + directory.resolve("data"),
                "model.policy=" + directory.resolve("policy"),
                "model.drafter=none",
                "trainer.group-size=" + GROUP,
                "worker.slots=8",
                "worker.capacity=64",
                "worker.threads=1",
                "worker.cost-batches=[1, 4]",
                "worker.statistics-interval=100ms"));
        config = RespecConfig.defaults().withOverrides(settings);
    }

    /** One more life; the caller stops it. */
    StageContext start() {
        StageContext context = new StageContext(config, cluster.events(), new SimpleMeterRegistry());
        CompletableFuture<Void> unused = CompletableFuture.runAsync(() -> {
            try {
                new RolloutWorkerStage().run(context);
            } catch (Exception e) {
                failures.add(e);
            }
        });
        return context;
    }

    RespecConfig config() {
        return config;
    }

    Checkpoint policy() {
        return policy;
    }

    /** What ended a life before it was stopped. */
    Queue<Exception> failures() {
        return failures;
    }

    List<Rollout> rollouts() {
        return cluster.events().readAll(TopicCatalogue.ROLLOUTS).stream()
                .map(Event::requireValue)
                .filter(rollout -> rollout.getRunId().equals(runId))
                .toList();
    }

    List<WorkerStatus> statuses() {
        return cluster.events().readAll(TopicCatalogue.WORKER_STATUS).stream()
                .map(Event::requireValue)
                .filter(status -> status.getRunId().equals(runId))
                .toList();
    }

    RolloutRequest request(int index) {
        return request(runId, index);
    }

    static RolloutRequest request(String run, int index) {
        return RolloutRequest.newBuilder()
                .setRunId(run)
                .setRequestId(run + "/" + index)
                .setRequestIndex(index)
                .setPromptId("p" + index)
                .setPrompt(index % 2 == 0 ? "1234" : "52")
                .setGroupSize(GROUP)
                .setSampling(new SamplingParameters(1.0, 1.0, 0, 50))
                .setSeed(100 + index)
                .setTask("exact-match")
                .setAnswer("1")
                .setAdmittedAtVersion(0)
                .setAdmittedAt(Instant.now())
                .build();
    }

    /** An update of the policy that names what is stored. */
    WeightUpdate update(long version, StoredArtefact stored) {
        return SampleEvents.policyUpdate(runId, version, stored.uri(), stored.files())
                .setPublishedAt(Instant.now())
                .build();
    }

    StoredArtefact store(String name, Path folder) {
        return ArtefactStore.of(config).put(name, folder);
    }

    Path weightsFolder() {
        Path folder = directory.resolve("weights");
        new Checkpoint(policy.config(), policy.tensors()).write(folder);
        return folder;
    }
}
