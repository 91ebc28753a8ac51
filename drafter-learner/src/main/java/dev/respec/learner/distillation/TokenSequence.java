package dev.respec.learner.distillation;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A prompt and a response, as token ids, and the drafts of the response that were rejected. Drafting is learnt on the
 * response.
 */
public final class TokenSequence {
    private final int[] prompt;
    private final int[] response;
    private final RejectedDrafts rejected;

    /** Of which no rejected draft is known. */
    public TokenSequence(int[] prompt, int[] response) {
        this(prompt, response, RejectedDrafts.NONE);
    }

    public TokenSequence(int[] prompt, int[] response, RejectedDrafts rejected) {
        if (prompt.length == 0 || response.length == 0) {
            throw new IllegalArgumentException("a sequence needs a prompt and a response, got %d and %d tokens"
                    .formatted(prompt.length, response.length));
        }
        this.prompt = prompt.clone();
        this.response = response.clone();
        this.rejected = rejected;
    }

    public int[] prompt() {
        return prompt.clone();
    }

    public int[] response() {
        return response.clone();
    }

    public RejectedDrafts rejected() {
        return rejected;
    }

    /**
     * Indices of the rejected drafts that training can compute: their depth is below the passes, and their verify step had
     * a feature to draft from.
     */
    public IntStream trainableRejections(int passes) {
        return IntStream.range(0, rejected.count())
                .filter(i -> rejected.depth(i) < passes && prompt.length + rejected.token(i) - rejected.depth(i) > 1);
    }

    /** Tokens of both. */
    public int length() {
        return prompt.length + response.length;
    }

    /** Positions at which a drafter may be asked: a prompt of one token gives it nothing to draft the first from. */
    public int draftedPositions() {
        return prompt.length > 1 ? response.length : response.length - 1;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TokenSequence that
                && Arrays.equals(prompt, that.prompt)
                && Arrays.equals(response, that.response)
                && rejected.equals(that.rejected);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Arrays.hashCode(prompt) + Arrays.hashCode(response)) + rejected.hashCode();
    }
}
