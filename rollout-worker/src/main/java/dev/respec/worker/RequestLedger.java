package dev.respec.worker;

import static java.util.Objects.requireNonNull;

import dev.respec.generation.engine.CompletedSequence;
import dev.respec.generation.engine.SequenceRequest;
import dev.respec.model.TextTokenizer;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.SplittableRandomStream;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.RolloutPurpose;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.SamplingParameters;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The requests that are being generated.
 *
 * <p>A request has ended once all its rollouts are acknowledged by the log; until then the worker claims it. Owned by the
 * engine's thread.
 */
final class RequestLedger {
    private final Consumer<SequenceRequest> submit;
    private final TextTokenizer tokenizer;
    private final RolloutCodec codec;
    private final Function<Rollout, CompletableFuture<?>> publish;
    private final Clock clock;
    private final Map<String, Held> held = new HashMap<>();

    private static final class Held {
        final RolloutRequest request;
        final List<CompletableFuture<?>> published = new ArrayList<>();
        Instant firstTokenAt = Instant.MAX;

        Held(RolloutRequest request) {
            this.request = request;
        }
    }

    /** A request whose rollouts are all in the log, and when the first of its tokens was drawn. */
    record Ended(RolloutRequest request, Instant firstTokenAt) {}

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
     * Submits all samples of a request that is not held.
     *
     * @throws IllegalArgumentException if it can never be answered; nothing of it is held then
     */
    void take(RolloutRequest request) {
        List<SequenceRequest> sequences = sequences(request); // throws before anything is held
        sequences.forEach(submit); // a refusal applies to all samples, so the first one throws
        held.put(request.getRequestId(), new Held(request));
        for (int sample = 0; sample < sequences.size(); sample++) {
            origins.put(sequences.get(sample).id(), new Origin(request.getRequestId(), sample));
        }
    }

    private List<SequenceRequest> sequences(RolloutRequest request) {
        if (request.getGroupSize() < 1) {
            throw new IllegalArgumentException(
                    "request %s has group size %d".formatted(request.getRequestId(), request.getGroupSize()));
        }
        int[] prompt = tokenizer.encodePrompt(request.getPrompt());
        SamplingParameters sampling = request.getSampling();
        SamplingOptions options =
                new SamplingOptions(sampling.getTemperature(), sampling.getTopP(), sampling.getTopK());
        SequenceRequest.Statistics statistics = request.getPurpose() == RolloutPurpose.EVALUATION
                ? SequenceRequest.Statistics.LEFT_OUT
                : SequenceRequest.Statistics.COUNTED;
        List<SequenceRequest> sequences = new ArrayList<>();
        for (int sample = 0; sample < request.getGroupSize(); sample++) {
            sequences.add(new SequenceRequest(
                    RolloutCodec.rolloutId(request, sample),
                    request.getPromptId(),
                    prompt,
                    options,
                    sampling.getMaxTokens(),
                    new SplittableRandomStream(request.getSeed(), sample),
                    statistics));
        }
        return sequences;
    }

    /** Publishes a completed sequence. */
    void complete(CompletedSequence sequence) {
        Origin origin = requireNonNull(origins.remove(sequence.request().id()));
        Held group = requireNonNull(held.get(origin.requestId()));
        Instant now = clock.instant();
        Instant firstToken = now.minusNanos((long) (sequence.decodeMilliseconds() * 1e6));
        if (firstToken.isBefore(group.firstTokenAt)) {
            group.firstTokenAt = firstToken;
        }
        Rollout rollout = codec.encode(group.request, origin.sampleIndex(), sequence, now);
        group.published.add(publish.apply(rollout));
    }

    /**
     * Hands over the requests whose rollouts are all in the log.
     *
     * @throws java.util.concurrent.CompletionException if one could not be written; the request stays held
     */
    void drainEnded(Consumer<Ended> ended) {
        for (Iterator<Held> groups = held.values().iterator(); groups.hasNext(); ) {
            Held group = groups.next();
            boolean whole = group.published.size() == group.request.getGroupSize();
            if (whole && group.published.stream().allMatch(CompletableFuture::isDone)) {
                group.published.forEach(CompletableFuture::join);
                groups.remove();
                ended.accept(new Ended(group.request, group.firstTokenAt));
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
