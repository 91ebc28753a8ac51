package dev.respec.model.training;

import java.util.List;

/**
 * Rows of prompt and response tokens; the response tokens are the ones that count.
 *
 * @param promptTokens one array per row, at least one token each
 * @param responseTokens one array per row, at least one token each
 */
public record TokenBatch(List<int[]> promptTokens, List<int[]> responseTokens) {
    public TokenBatch {
        promptTokens = List.copyOf(promptTokens);
        responseTokens = List.copyOf(responseTokens);
        if (promptTokens.isEmpty() || promptTokens.size() != responseTokens.size()) {
            throw new IllegalArgumentException("a batch needs as many responses as prompts and at least one, got "
                    + promptTokens.size() + " prompts and " + responseTokens.size() + " responses");
        }
        for (int row = 0; row < promptTokens.size(); row++) {
            if (promptTokens.get(row).length == 0 || responseTokens.get(row).length == 0) {
                throw new IllegalArgumentException("row " + row + " has an empty prompt or response");
            }
        }
    }

    public int rows() {
        return promptTokens.size();
    }

    /** Length of the longest row, prompt and response together. */
    public int width() {
        int width = 0;
        for (int row = 0; row < rows(); row++) {
            width = Math.max(width, promptTokens.get(row).length + responseTokens.get(row).length);
        }
        return width;
    }

    /** Response tokens of all rows. */
    public int responseTokenCount() {
        return responseTokens.stream().mapToInt(tokens -> tokens.length).sum();
    }

    /** Prompt and response tokens of all rows. */
    public int tokenCount() {
        return responseTokenCount()
                + promptTokens.stream().mapToInt(tokens -> tokens.length).sum();
    }

    /** The same with what shorter rows are filled up with. */
    public int paddedTokenCount() {
        return rows() * width();
    }
}
