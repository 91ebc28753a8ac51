package dev.respec.generation.engine;

import dev.respec.model.sampling.ForeseenRandom;
import dev.respec.model.sampling.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** A sequence being generated. Its cache slot is its place in the engine's list. */
public final class Sequence {
    private final SequenceRequest request;
    private final long key;
    private final long startedNanos;
    private final ForeseenRandom random;
    private int[] tokens;
    private int length;
    private float[] logProbabilities = new float[64];
    private final List<Span> spans = new ArrayList<>();
    private final OriginRuns origins = new OriginRuns();
    private long drafterVersion;
    private int verifySteps;
    private int draftedTokens;
    private int acceptedDraftTokens;
    private double prefillMilliseconds;

    /** A run of response tokens sampled from one policy version. */
    public record Span(long policyVersion, int firstToken, int tokenCount) {}

    Sequence(SequenceRequest request, long key, long startedNanos) {
        this.request = request;
        this.key = key;
        this.startedNanos = startedNanos;
        this.random = new ForeseenRandom(request.random());
        this.tokens = Arrays.copyOf(request.prompt(), request.prompt().length + 64);
        this.length = request.prompt().length;
    }

    public SequenceRequest request() {
        return request;
    }

    /** The request's random numbers, of which those to come can be seen. */
    ForeseenRandom random() {
        return random;
    }

    /** Number unique in the engine's life, for drafters to file their state under. */
    public long key() {
        return key;
    }

    /** Prompt and response tokens so far; only the first {@link #length} count. */
    public int[] tokens() {
        return tokens;
    }

    public int length() {
        return length;
    }

    public int promptLength() {
        return request.prompt().length;
    }

    public int responseLength() {
        return length - promptLength();
    }

    /** Draft tokens that could still be accepted: one place is the target's own token's. */
    public int draftRoom() {
        return request.maxTokens() - responseLength() - 1;
    }

    /** Appends what was emitted up to a stop token; returns how many tokens that were. */
    int append(Verdict verdict, Set<Integer> stopTokens, long policyVersion) {
        for (int i = 0; i < verdict.count(); i++) {
            int token = verdict.token(i);
            append(token, verdict.logProbability(i), policyVersion);
            if (stopTokens.contains(token)) {
                return i + 1;
            }
        }
        return verdict.count();
    }

    private void append(int token, float logProbability, long policyVersion) {
        if (length == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * length);
        }
        int at = responseLength();
        if (at == logProbabilities.length) {
            logProbabilities = Arrays.copyOf(logProbabilities, 2 * at);
        }
        logProbabilities[at] = logProbability;
        tokens[length++] = token;
        int last = spans.size() - 1;
        if (last >= 0 && spans.get(last).policyVersion() == policyVersion) {
            Span span = spans.get(last);
            spans.set(last, new Span(policyVersion, span.firstToken(), span.tokenCount() + 1));
        } else {
            spans.add(new Span(policyVersion, at, 1));
        }
    }

    void count(int drafted, int accepted, long newestDrafterVersion) {
        verifySteps++;
        draftedTokens += drafted;
        acceptedDraftTokens += accepted;
        if (drafted > 0) {
            drafterVersion = Math.max(drafterVersion, newestDrafterVersion);
        }
    }

    /** Of the tokens appended since the last call: the draft tokens among them come first. */
    void came(int accepted, int emitted, OriginSpan.Origin own, OriginSpan.DraftSource source) {
        origins.add(OriginSpan.Origin.DRAFTED, source, accepted);
        origins.add(own, source, emitted - accepted);
    }

    /** The first token can be decoded; a sequence that joins again has been here before. */
    void prefilled(long nowNanos) {
        if (responseLength() == 0) {
            prefillMilliseconds = (nowNanos - startedNanos) / 1e6;
        }
    }

    CompletedSequence complete(CompletedSequence.Reason reason, long nowNanos) {
        return new CompletedSequence(
                request,
                Arrays.copyOfRange(tokens, promptLength(), length),
                Arrays.copyOf(logProbabilities, responseLength()),
                spans,
                origins.spans(),
                drafterVersion,
                reason,
                verifySteps,
                draftedTokens,
                acceptedDraftTokens,
                prefillMilliseconds,
                (nowNanos - startedNanos) / 1e6 - prefillMilliseconds);
    }
}
