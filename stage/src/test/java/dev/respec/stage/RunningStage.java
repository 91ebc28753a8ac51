package dev.respec.stage;

import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A stage on a thread of its own with clients of its own, started as its process starts it. */
public final class RunningStage implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final EventLog events;
    private final StageContext context;
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    public RunningStage(Stage stage, RespecConfig config) {
        events = new EventLog(config.cluster(), stage.name());
        events.verifyReachable(PATIENCE);
        events.verifyProvisioned(TopicCatalogue.usedBy(stage.name()));
        context = new StageContext(config, events, new SimpleMeterRegistry());
        new Thread(() -> run(stage), stage.name()).start();
    }

    private void run(Stage stage) {
        try {
            stage.run(context);
            end.complete(null);
        } catch (Exception | Error e) {
            end.completeExceptionally(e);
        }
    }

    /** Returns it when it is ready. */
    public RunningStage awaitReady() {
        Awaitility.await().atMost(PATIENCE).until(() -> ended() || ready());
        return this;
    }

    /** Throws what ended the stage if it failed. */
    public boolean ended() {
        if (end.isCompletedExceptionally()) {
            end.join();
        }
        return end.isDone();
    }

    public boolean ready() {
        return context.isReady();
    }

    public long deadLetters() {
        return events.deadLetters().count();
    }

    /** Stops it in good order; throws if it failed or does not stop. */
    @Override
    public void close() throws Exception {
        context.stop();
        end.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        events.close();
    }
}
