package dev.respec.trainer.pretraining;

/** A prompt and the response to be learned, as tokens; the response ends in a stop token. Arrays are held, not copied. */
public final class WorkedExample {
    private final int[] promptTokens;
    private final int[] responseTokens;

    public WorkedExample(int[] promptTokens, int[] responseTokens) {
        if (promptTokens.length == 0 || responseTokens.length == 0) {
            throw new IllegalArgumentException("an example needs prompt and response tokens");
        }
        this.promptTokens = promptTokens;
        this.responseTokens = responseTokens;
    }

    int[] promptTokens() {
        return promptTokens;
    }

    int[] responseTokens() {
        return responseTokens;
    }

    int length() {
        return promptTokens.length + responseTokens.length;
    }
}
