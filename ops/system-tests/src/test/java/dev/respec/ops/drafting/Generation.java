package dev.respec.ops.drafting;

import dev.respec.controller.SdControllerStage;
import dev.respec.ops.measure.HeldOut;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.SamplingParameters;
import dev.respec.stage.Stage;
import dev.respec.stage.StageContext;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.EventConsumer;
import dev.respec.topics.EventLog;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.trainer.data.Prompt;
import dev.respec.worker.RolloutWorkerStage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A worker and a controller at work: whoever waits asks for more whenever little is left to answer. */
final class Generation implements AutoCloseable {
    private static final int GROUP = 8;
    private static final int MOST_IN_FLIGHT = 4;

    private final RespecConfig config;
    private final StageContext worker;
    private final StageContext controller;
    private final List<CompletableFuture<Void>> running = new ArrayList<>();
    private final EventProducer producer;
    private final EventConsumer<Rollout> rollouts;
    private final List<Prompt> prompts;
    private int asked;
    private int answered;

    Generation(RespecConfig config, EventLog events) {
        this.config = config;
        this.prompts = HeldOut.prompts(config, Path.of(config.model().policy()));
        this.producer = events.producer();
        this.rollouts = events.consumer(TopicCatalogue.ROLLOUTS, ConsumerMode.fromBeginning());
        this.worker = new StageContext(config, events, new SimpleMeterRegistry());
        this.controller = new StageContext(config, events, new SimpleMeterRegistry());
        start(new SdControllerStage(), controller);
        start(new RolloutWorkerStage(), worker);
    }

    private void start(Stage stage, StageContext context) {
        running.add(CompletableFuture.runAsync(() -> {
            try {
                stage.run(context);
            } catch (Exception e) {
                throw new IllegalStateException(stage.name(), e);
            }
        }));
    }

    SimpleMeterRegistry controllerMetrics() {
        return (SimpleMeterRegistry) controller.metrics();
    }

    /** Keeps the worker busy; fails if a stage has ended. */
    void goOn() {
        running.forEach(stage -> stage.getNow(null));
        answered += rollouts.poll(Duration.ofMillis(20)).size();
        for (; asked * GROUP - answered < MOST_IN_FLIGHT * GROUP; asked++) {
            producer.send(TopicCatalogue.ROLLOUT_REQUESTS, id(), request());
        }
    }

    private String id() {
        return config.run().id() + "/" + asked;
    }

    private RolloutRequest request() {
        Prompt prompt = prompts.get(asked % prompts.size());
        return RolloutRequest.newBuilder()
                .setRunId(config.run().id())
                .setRequestId(id())
                .setRequestIndex(asked)
                .setPromptId(prompt.id())
                .setPrompt(prompt.text())
                .setGroupSize(GROUP)
                .setSampling(
                        new SamplingParameters(1.0, 1.0, 0, config.sampling().maxTokens()))
                .setSeed(asked)
                .setTask(prompt.task())
                .setAnswer(prompt.answer())
                .setMetadata(Map.of())
                .setAdmittedAtVersion(0)
                .setAdmittedAt(Instant.now())
                .build();
    }

    @Override
    public void close() {
        worker.stop();
        controller.stop();
        running.forEach(CompletableFuture::join);
        rollouts.close();
        producer.close();
    }
}
