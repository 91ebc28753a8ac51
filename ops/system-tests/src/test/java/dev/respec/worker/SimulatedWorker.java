package dev.respec.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.generation.engine.CompletedSequence;
import dev.respec.generation.engine.Sequence;
import dev.respec.generation.engine.SequenceRequest;
import dev.respec.model.TextTokenizer;
import dev.respec.ops.simulation.SimulatedCluster;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.SpeculationSetting;
import dev.respec.schemas.WorkerState;
import dev.respec.schemas.WorkerStatus;
import dev.respec.topics.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A worker's own claims, ledger and adoption of weights, around an engine that takes a while, may hang, and a log that
 * takes a while.
 */
public final class SimulatedWorker {
    private static final int SLOTS = 4;
    private static final Duration BEAT = Duration.ofMillis(500);

    private final SimulatedCluster cluster;
    private final TextTokenizer tokenizer;
    private final String id;
    private final List<Writing> writing = new ArrayList<>();
    private final List<String> settling = new ArrayList<>();
    private List<Generating> active = new ArrayList<>();
    private RequestLedger ledger;
    private RequestClaims claims = new RequestClaims();
    private int lives;
    private Instant engineMovedAt;
    private Instant hungUntil = Instant.EPOCH;
    private Instant mutedUntil = Instant.EPOCH;
    private Instant beatenAt = Instant.EPOCH;
    private WeightAdoption adoption;
    private long weightsOffset;
    private long policyVersion;

    /** A rollout on its way to the log. */
    private record Writing(Rollout rollout, CompletableFuture<String> written) {}

    private static final class Generating {
        final SequenceRequest request;
        final List<Sequence.Span> spans = new ArrayList<>();
        int tokensLeft;

        Generating(SequenceRequest request, int tokens) {
            this.request = request;
            this.tokensLeft = tokens;
        }
    }

    public SimulatedWorker(SimulatedCluster cluster, TextTokenizer tokenizer, String id) {
        this.cluster = cluster;
        this.tokenizer = tokenizer;
        this.id = id;
        this.ledger = newLedger();
        this.engineMovedAt = cluster.now();
        this.adoption = new WeightAdoption(SimulatedCluster.RUN);
    }

    private RequestLedger newLedger() {
        return new RequestLedger(
                request -> active.add(new Generating(request, 1 + cluster.random.nextInt(4))),
                tokenizer,
                new RolloutCodec(id, tokenizer),
                this::publish,
                cluster.clock());
    }

    public String id() {
        return id;
    }

    private CompletableFuture<String> publish(Rollout rollout) {
        Writing write = new Writing(rollout, new CompletableFuture<>());
        writing.add(write);
        return write.written();
    }

    /** One round of the worker's threads: intake, heartbeat, engine. */
    public void step() {
        if (cluster.now().isBefore(mutedUntil)) {
            return; // stopped by a signal, or starved: to others it looks dead
        }
        cluster.mayDie(0.02);
        beat();
        if (cluster.now().isBefore(hungUntil)) {
            return;
        }
        engineMovedAt = cluster.now();
        adopt();
        if (active.size() < SLOTS) {
            cluster.queue.take(id).ifPresent(this::take);
        }
        generate();
        write();
        settle();
        cluster.mayDie(0.02);
        ledger.drainEnded(ended -> claims.finish(ended.request().getRequestId()));
    }

    /** Handed to the engine at once, claimed, then accepted; kept even if the acceptance fails. */
    private void take(RolloutRequest request) {
        String requestId = request.getRequestId();
        cluster.mayDie(0.03);
        if (!claims.claim(requestId)) {
            cluster.queue.accept(id, requestId);
            return;
        }
        ledger.take(request);
        cluster.mayDie(0.03);
        announce(WorkerState.READY);
        settling.add(requestId);
    }

    /** The engine may be done with a request before its acceptance reaches the broker, or the acceptance never does. */
    private void settle() {
        for (Iterator<String> each = settling.iterator(); each.hasNext(); ) {
            String requestId = each.next();
            if (cluster.random.nextInt(3) > 0) {
                each.remove();
                if (cluster.fails(0.05)) {
                    cluster.queue.release(id); // it came too late
                } else {
                    cluster.queue.accept(id, requestId);
                }
                cluster.mayDie(0.03);
            }
        }
    }

    private void beat() {
        if (!cluster.now().isBefore(beatenAt.plus(BEAT))) {
            announce(WorkerState.READY);
        }
    }

    private void announce(WorkerState state) {
        beatenAt = cluster.now();
        var view = claims.view();
        cluster.statuses.append(
                id,
                WorkerStatus.newBuilder()
                        .setRunId(SimulatedCluster.RUN)
                        .setWorkerId(id)
                        .setState(state)
                        .setPolicyVersion(policyVersion)
                        .setDrafterVersion(0)
                        .setActiveSequences(active.size())
                        .setWaitingSequences(0)
                        .setSetting(new SpeculationSetting("off", 0, 1, 0))
                        .setSettingsVersion(0)
                        .setTokensPerSecond(0)
                        .setEmittedTokens(0)
                        .setHeartbeatAt(cluster.now())
                        .setIncarnation(id + "-" + lives)
                        .setHeldRequestIds(view.held())
                        .setFinishedRequestIds(view.finished())
                        .setRefusedRequests(view.refused())
                        .setEngineSilentMilliseconds(
                                Duration.between(engineMovedAt, cluster.now()).toMillis())
                        .build(),
                cluster.now());
    }

    /** The generating thread does not move for a while; heartbeats go on. */
    public void hang(Duration time) {
        hungUntil = cluster.now().plus(time);
    }

    /** Nothing of the process moves for a while. */
    public void mute(Duration time) {
        mutedUntil = cluster.now().plus(time);
    }

    /** Stops in order: says what it leaves. */
    public void stop() {
        ledger.drainEnded(ended -> claims.finish(ended.request().getRequestId()));
        announce(WorkerState.STOPPING);
        crash();
    }

    public boolean idle() {
        return ledger.isEmpty() && writing.isEmpty() && !cluster.now().isBefore(mutedUntil);
    }

    /** A new life; what was on its way to the log has arrived there or not. */
    public void crash() {
        writing.forEach(write -> {
            if (cluster.random.nextBoolean()) {
                append(write);
            }
        });
        writing.clear();
        settling.clear();
        active = new ArrayList<>();
        claims = new RequestClaims();
        lives++;
        ledger = newLedger();
        hungUntil = Instant.EPOCH;
        mutedUntil = Instant.EPOCH;
        engineMovedAt = cluster.now();
        adoption = new WeightAdoption(SimulatedCluster.RUN);
        weightsOffset = 0;
        policyVersion = 0;
    }

    private void adopt() {
        cluster.weights.read(0, weightsOffset, cluster.random).forEach(event -> {
            adoption.announce(event);
            weightsOffset = event.offset() + 1;
        });
        adoption.due(cluster.now()).forEach(event -> {
            var update = event.requireValue();
            if (!cluster.artefacts.contains(update.getUri()) || cluster.fails(0.2)) {
                adoption.failed(event, cluster.now());
                return;
            }
            adoption.taken(event);
            if (update.getVersion() > 0) {
                assertThat(update.getVersion())
                        .as("%s adopts newer weights only", id)
                        .isGreaterThan(policyVersion);
            }
            policyVersion = update.getVersion();
        });
    }

    private void generate() {
        for (Iterator<Generating> each = active.iterator(); each.hasNext(); ) {
            Generating sequence = each.next();
            if (cluster.random.nextInt(3) == 0) {
                continue;
            }
            sequence.spans.add(new Sequence.Span(policyVersion, sequence.spans.size(), 1));
            if (--sequence.tokensLeft == 0) {
                each.remove();
                ledger.complete(completed(sequence));
            }
        }
    }

    private static CompletedSequence completed(Generating sequence) {
        int[] response = new int[sequence.spans.size()];
        Arrays.fill(response, 2);
        return new CompletedSequence(
                sequence.request,
                response,
                new float[response.length],
                sequence.spans,
                List.of(),
                0,
                CompletedSequence.Reason.STOP,
                response.length,
                0,
                0,
                1,
                1);
    }

    private void write() {
        for (Iterator<Writing> each = writing.iterator(); each.hasNext(); ) {
            Writing write = each.next();
            if (cluster.random.nextInt(3) > 0) {
                Event<Rollout> event = append(write);
                write.written().complete(event.position());
                each.remove();
            }
        }
    }

    private Event<Rollout> append(Writing write) {
        return cluster.rollouts.append(write.rollout().getRequestId(), write.rollout(), cluster.now());
    }
}
