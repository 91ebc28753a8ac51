package dev.respec.worker;

import static java.util.Objects.requireNonNull;

import dev.respec.model.TextTokenizer;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.SplittableRandomStream;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.SamplingParameters;
import dev.respec.topics.QueuedEvent;
import dev.respec.worker.engine.CompletedSequence;
import dev.respec.worker.engine.SequenceRequest;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The requests this worker holds.
 *
 * <p>A request is accepted once all its rollouts are acknowledged by the log: every request yields each of its G
 * rollouts at least once, whoever dies.
 */
final class RequestLedger {
    private final Consumer<SequenceRequest> submit;
    private final TextTokenizer tokenizer;
    private final RolloutCodec codec;
    private final Function<Rollout, CompletableFuture<?>> publish;
    private final Clock clock;
    private final Map<String, Held> held = new HashMap<>();

    /** @param deliveries the request's event, once more for each time the queue handed it out again meanwhile */
    private record Held(List<QueuedEvent<RolloutRequest>> deliveries, List<CompletableFuture<?>> published) {
        RolloutRequest request() {
            return deliveries.get(0).value();
        }
    }

    private record Origin(String requestId, int sampleIndex) {}

    private final Map<String, Origin> origins = new HashMap<>();

    /**
     * @param submit hands a sequence to the engine, which completes it or dies
     * @param publish writes a rollout to the log; done when the log has it
     */
    RequestLedger(
            Consumer<SequenceRequest> submit,
            TextTokenizer tokenizer,
            RolloutCodec codec,
            Function<Rollout, CompletableFuture<?>> publish,
            Clock clock) {
        this.submit = submit;
        this.tokenizer = tokenizer;
        this.codec = codec;
        this.publish = publish;
        this.clock = clock;
    }

    /**
     * Submits all samples of a request. A request that is held already is only noted: its new delivery is accepted with
     * the old one, or the queue would wait for it for ever.
     *
     * @throws IllegalArgumentException where it can never be answered; nothing of it is held then
     */
    void take(QueuedEvent<RolloutRequest> event) {
        RolloutRequest request = event.value();
        Held known = held.get(request.getRequestId());
        if (known != null) {
            known.deliveries().add(event);
            return;
        }
        List<SequenceRequest> sequences = sequences(request); // throws before anything is held
        sequences.forEach(submit); // what the engine refuses of one it refuses of the first
        held.put(request.getRequestId(), new Held(new ArrayList<>(List.of(event)), new ArrayList<>()));
        for (int sample = 0; sample < sequences.size(); sample++) {
            origins.put(sequences.get(sample).id(), new Origin(request.getRequestId(), sample));
        }
    }

    private List<SequenceRequest> sequences(RolloutRequest request) {
        if (request.getGroupSize() < 1) {
            throw new IllegalArgumentException(
                    "request %s has group size %d".formatted(request.getRequestId(), request.getGroupSize()));
        }
        int[] prompt = tokenizer.encode(request.getPrompt());
        SamplingParameters sampling = request.getSampling();
        SamplingOptions options =
                new SamplingOptions(sampling.getTemperature(), sampling.getTopP(), sampling.getTopK());
        List<SequenceRequest> sequences = new ArrayList<>();
        for (int sample = 0; sample < request.getGroupSize(); sample++) {
            sequences.add(new SequenceRequest(
                    RolloutCodec.rolloutId(request, sample),
                    request.getPromptId(),
                    prompt,
                    options,
                    sampling.getMaxTokens(),
                    new SplittableRandomStream(request.getSeed(), sample)));
        }
        return sequences;
    }

    /** Publishes a completed sequence. */
    void complete(CompletedSequence sequence) {
        Origin origin = requireNonNull(origins.remove(sequence.request().id()));
        Held group = requireNonNull(held.get(origin.requestId()));
        Rollout rollout = codec.encode(group.request(), origin.sampleIndex(), sequence, clock.instant());
        group.published().add(publish.apply(rollout));
    }

    /**
     * Accepts the requests whose rollouts are all in the log.
     *
     * @throws java.util.concurrent.CompletionException where one could not be written; the requests stay unaccepted
     */
    void acceptPublished(Consumer<QueuedEvent<RolloutRequest>> accept) {
        for (Iterator<Held> groups = held.values().iterator(); groups.hasNext(); ) {
            Held group = groups.next();
            boolean whole = group.published().size() == group.request().getGroupSize();
            if (whole && group.published().stream().allMatch(CompletableFuture::isDone)) {
                group.published().forEach(CompletableFuture::join);
                group.deliveries().forEach(accept);
                groups.remove();
            }
        }
    }

    int size() {
        return held.size();
    }

    boolean isEmpty() {
        return held.isEmpty();
    }
}
