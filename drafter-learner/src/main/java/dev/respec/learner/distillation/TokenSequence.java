package dev.respec.learner.distillation;

import java.util.Arrays;

/** A prompt and a response, as token ids. Drafting is learnt on the response. */
public final class TokenSequence {
    private final int[] prompt;
    private final int[] response;

    public TokenSequence(int[] prompt, int[] response) {
        if (prompt.length == 0 || response.length == 0) {
            throw new IllegalArgumentException("a sequence needs a prompt and a response, got %d and %d tokens"
                    .formatted(prompt.length, response.length));
        }
        this.prompt = prompt.clone();
        this.response = response.clone();
    }

    public int[] prompt() {
        return prompt.clone();
    }

    public int[] response() {
        return response.clone();
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
                && Arrays.equals(response, that.response);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(prompt) + Arrays.hashCode(response);
    }
}
