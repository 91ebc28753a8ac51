package dev.respec.worker;

import dev.respec.generation.engine.GenerationEngine;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.WorkerState;
import dev.respec.schemas.WorkerStatus;
import dev.respec.speculation.Setting;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The worker's status, sent at an interval and whenever its claims change hands. A thread of its own sends it, so that a
 * dead process shows as silence and a hung engine as a status whose engine has been silent for long. Thread-safe.
 */
final class WorkerHeartbeat implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WorkerHeartbeat.class);
    private static final long NANOS_PER_MILLISECOND = 1_000_000;

    private final WorkerReports.Identity identity;
    private final RequestClaims claims;
    private final EventProducer producer;
    private final WorkerMeters meters;
    private final Duration interval;
    private final Clock clock;
    private final String incarnation = UUID.randomUUID().toString();
    private final Thread thread;
    private volatile Progress progress;
    private volatile boolean closed;
    private WorkerState state = WorkerState.STARTING;
    private double tokensPerSecond;
    private Progress beaten;

    /** Where the engine stood when its thread last went round. */
    record Progress(
            long atNanos,
            long policyVersion,
            long drafterVersion,
            int active,
            int waiting,
            Setting setting,
            long settingsVersion,
            long emittedTokens) {
        static Progress of(GenerationEngine engine, long drafterVersion) {
            return new Progress(
                    System.nanoTime(),
                    engine.policyVersion(),
                    drafterVersion,
                    engine.activeSequences(),
                    engine.waitingSequences(),
                    engine.lastSetting(),
                    engine.settings().version(),
                    engine.emittedTokens());
        }

        Duration age() {
            return Duration.ofNanos(System.nanoTime() - atNanos);
        }
    }

    WorkerHeartbeat(
            WorkerReports.Identity identity,
            RequestClaims claims,
            EventProducer producer,
            WorkerMeters meters,
            Duration interval,
            Progress start,
            Clock clock) {
        this.identity = identity;
        this.claims = claims;
        this.producer = producer;
        this.meters = meters;
        this.interval = interval;
        this.clock = clock;
        this.progress = start;
        this.beaten = start;
        thread = new Thread(this::beat, "heartbeat");
        thread.setDaemon(true);
        thread.start();
    }

    /** The engine's thread went round its loop. Called by that thread, each time. */
    void advance(Progress now) {
        progress = now;
    }

    /** The engine's thread has other things to do before its first round, but its silence counts from now on. */
    void starting() {
        Progress now = progress;
        progress = new Progress(
                System.nanoTime(),
                now.policyVersion(),
                now.drafterVersion(),
                now.active(),
                now.waiting(),
                now.setting(),
                now.settingsVersion(),
                now.emittedTokens());
    }

    /** How long ago the engine's thread last went round. */
    Duration engineSilence() {
        return progress.age();
    }

    /** The worker takes requests from now on. */
    void ready() {
        synchronized (this) {
            state = WorkerState.READY;
        }
        var unused = send();
    }

    /** Sends the status as it is now; done when the log has it. */
    synchronized CompletableFuture<?> send() {
        Progress now = progress;
        var view = claims.view();
        WorkerStatus status = WorkerStatus.newBuilder()
                .setRunId(identity.runId())
                .setWorkerId(identity.workerId())
                .setState(state)
                .setPolicyVersion(now.policyVersion())
                .setDrafterVersion(now.drafterVersion())
                .setActiveSequences(now.active())
                .setWaitingSequences(now.waiting())
                .setSetting(SettingCodec.toAvro(now.setting()))
                .setSettingsVersion(now.settingsVersion())
                .setTokensPerSecond(tokensPerSecond)
                .setEmittedTokens(now.emittedTokens())
                .setHeartbeatAt(clock.instant())
                .setIncarnation(incarnation)
                .setHeldRequestIds(view.held())
                .setFinishedRequestIds(view.finished())
                .setRefusedRequests(view.refused())
                .setEngineSilentMilliseconds(now.age().toMillis())
                .build();
        meters.update(status);
        return producer.send(TopicCatalogue.WORKER_STATUS, identity.workerId(), status);
    }

    private void beat() {
        while (!closed) {
            try {
                Thread.sleep(interval.toMillis());
            } catch (InterruptedException e) {
                return;
            }
            try {
                beatOnce();
            } catch (RuntimeException e) {
                // the registry may be away while a schema is asked for: the next beat tries again
                log.atWarn().addKeyValue("reason", e.toString()).log("Status was not sent");
            }
        }
    }

    private synchronized void beatOnce() {
        if (closed) {
            return;
        }
        Progress now = progress;
        double seconds = (now.atNanos() - beaten.atNanos()) / (1000.0 * NANOS_PER_MILLISECOND);
        tokensPerSecond = seconds > 0 ? (now.emittedTokens() - beaten.emittedTokens()) / seconds : 0;
        beaten = now;
        send().whenComplete((written, error) -> {
            if (error != null) {
                log.atWarn().addKeyValue("reason", error.toString()).log("Status was not written");
            }
        });
    }

    /** Says that the worker stops and what it leaves unfinished; that is published again at once. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            state = WorkerState.STOPPING;
            var unused = send();
        }
        thread.interrupt();
        producer.flush();
    }
}
