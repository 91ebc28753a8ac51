package dev.respec.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.model.TextTokenizer;
import dev.respec.ops.simulation.SimulatedCluster;
import dev.respec.schemas.Rollout;
import dev.respec.topics.Event;
import dev.respec.worker.engine.CompletedSequence;
import dev.respec.worker.engine.Sequence;
import dev.respec.worker.engine.SequenceRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A worker's own ledger and adoption of weights, around an engine that takes a while and a log that takes a while. */
public final class SimulatedWorker {
    private static final int SLOTS = 4;

    private final SimulatedCluster cluster;
    private final TextTokenizer tokenizer;
    private final String id;
    private final List<Writing> writing = new ArrayList<>();
    private List<Generating> active = new ArrayList<>();
    private RequestLedger ledger;
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

    /** One round of the worker's loop. */
    public void step() {
        cluster.mayDie(0.02);
        adopt();
        if (active.size() < SLOTS) {
            cluster.queue.take(id).ifPresent(ledger::take);
        }
        generate();
        write();
        cluster.mayDie(0.02);
        ledger.acceptPublished(cluster.queue::accept);
    }

    public boolean idle() {
        return ledger.isEmpty() && writing.isEmpty();
    }

    /** A new life; what was on its way to the log has arrived there or not. */
    public void crash() {
        writing.forEach(write -> {
            if (cluster.random.nextBoolean()) {
                append(write);
            }
        });
        writing.clear();
        active = new ArrayList<>();
        ledger = newLedger();
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
