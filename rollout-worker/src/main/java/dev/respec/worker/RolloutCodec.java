package dev.respec.worker;

import dev.respec.generation.engine.CompletedSequence;
import dev.respec.model.TextTokenizer;
import dev.respec.schemas.DraftSource;
import dev.respec.schemas.FinishReason;
import dev.respec.schemas.OriginSpan;
import dev.respec.schemas.PackedArrays;
import dev.respec.schemas.PolicySpan;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.RolloutTimings;
import dev.respec.schemas.SpeculationSummary;
import dev.respec.schemas.TokenOrigin;
import dev.respec.schemas.TrustedEvents;
import java.time.Instant;

/** Completed sequences as events. */
final class RolloutCodec {
    static {
        TrustedEvents.trust(); // builders fill in defaults
    }

    private final String workerId;
    private final TextTokenizer tokenizer;

    RolloutCodec(String workerId, TextTokenizer tokenizer) {
        this.workerId = workerId;
        this.tokenizer = tokenizer;
    }

    static String rolloutId(RolloutRequest request, int sampleIndex) {
        return request.getRequestId() + "/" + sampleIndex;
    }

    Rollout encode(RolloutRequest request, int sampleIndex, CompletedSequence sequence, Instant finishedAt) {
        double milliseconds = sequence.prefillMilliseconds() + sequence.decodeMilliseconds();
        return Rollout.newBuilder()
                .setRunId(request.getRunId())
                .setRequestId(request.getRequestId())
                .setRolloutId(rolloutId(request, sampleIndex))
                .setSampleIndex(sampleIndex)
                .setGroupSize(request.getGroupSize())
                .setPromptId(request.getPromptId())
                .setWorkerId(workerId)
                .setTask(request.getTask())
                .setAnswer(request.getAnswer())
                .setMetadata(request.getMetadata())
                .setPrompt(request.getPrompt())
                .setResponse(tokenizer.decode(sequence.response()))
                .setPromptTokens(PackedArrays.ofInts(sequence.request().prompt()))
                .setResponseTokens(PackedArrays.ofInts(sequence.response()))
                .setLogProbabilities(PackedArrays.ofFloats(sequence.logProbabilities()))
                .setTemperature(request.getSampling().getTemperature())
                .setPolicySpans(sequence.spans().stream()
                        .map(span -> new PolicySpan(span.policyVersion(), span.firstToken(), span.tokenCount()))
                        .toList())
                .setAdmittedAtVersion(request.getAdmittedAtVersion())
                .setDrafterVersion(sequence.drafterVersion())
                .setFinishReason(FinishReason.valueOf(sequence.reason().name()))
                .setSpeculation(new SpeculationSummary(
                        sequence.verifySteps(), sequence.draftedTokens(), sequence.acceptedDraftTokens()))
                .setTimings(new RolloutTimings(
                        finishedAt.minusNanos((long) (milliseconds * 1e6)),
                        finishedAt,
                        sequence.prefillMilliseconds(),
                        sequence.decodeMilliseconds()))
                .setPurpose(request.getPurpose())
                .setOriginSpans(sequence.origins().stream()
                        .map(RolloutCodec::originSpan)
                        .toList())
                .build();
    }

    private static OriginSpan originSpan(dev.respec.generation.engine.OriginSpan span) {
        return new OriginSpan(
                TokenOrigin.valueOf(span.origin().name()),
                DraftSource.valueOf(span.source().name()),
                span.tokenCount());
    }
}
