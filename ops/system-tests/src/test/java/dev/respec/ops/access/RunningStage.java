package dev.respec.ops.access;

import dev.respec.stage.Stage;
import dev.respec.stage.StageContext;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A stage on a thread of its own, begun as its process begins it. */
final class RunningStage implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final EventLog events;
    private final StageContext context;
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    RunningStage(Stage stage, RespecConfig config) {
        events = new EventLog(config.cluster(), stage.name());
        events.verifyReachable(PATIENCE);
        events.verifyProvisioned(TopicCatalogue.usedBy(stage.name()));
        context = new StageContext(config, events, new SimpleMeterRegistry());
        new Thread(
                        () -> {
                            try {
                                stage.run(context);
                                end.complete(null);
                            } catch (Exception | Error e) {
                                end.completeExceptionally(e);
                            }
                        },
                        stage.name())
                .start();
    }

    /** Throws what the stage died of. */
    boolean ended() {
        if (end.isCompletedExceptionally()) {
            end.join();
        }
        return end.isDone();
    }

    boolean ready() {
        return context.isReady();
    }

    long deadLetters() {
        return events.deadLetters().count();
    }

    @Override
    public void close() throws Exception {
        context.stop();
        end.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        events.close();
    }
}
