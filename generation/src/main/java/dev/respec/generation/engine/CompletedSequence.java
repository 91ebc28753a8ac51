package dev.respec.generation.engine;

import java.util.List;

/**
 * One sampled completion.
 *
 * @param response response tokens, the stop token included
 * @param logProbabilities of each response token under the policy at the sampling temperature
 * @param spans gapless over the response
 * @param origins in order and gapless over the response
 * @param drafterVersion newest drafter version that proposed anything
 * @param decodeMilliseconds from the end of the prompt to the last token
 */
@SuppressWarnings("ArrayRecordComponent") // carried to one reader, never compared
public record CompletedSequence(
        SequenceRequest request,
        int[] response,
        float[] logProbabilities,
        List<Sequence.Span> spans,
        List<OriginSpan> origins,
        long drafterVersion,
        Reason reason,
        int verifySteps,
        int draftedTokens,
        int acceptedDraftTokens,
        double prefillMilliseconds,
        double decodeMilliseconds) {
    /** Why it ended. */
    public enum Reason {
        STOP,
        LENGTH,
        CANCELLED
    }

    public CompletedSequence {
        spans = List.copyOf(spans);
        origins = List.copyOf(origins);
    }
}
