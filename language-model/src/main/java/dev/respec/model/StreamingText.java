package dev.respec.model;

import java.util.Arrays;

/**
 * Text of tokens as they come. A character whose bytes are spread over several tokens is held back until it is whole, so
 * that the pieces together are what decoding all tokens at once gives.
 */
public final class StreamingText {
    /** What decoders write in place of bytes that are not yet a character. */
    private static final char INCOMPLETE = '\uFFFD';

    private final TextTokenizer tokenizer;
    private int[] tokens = new int[64];
    private int length;
    /** Tokens before this one no longer influence how those behind are decoded. */
    private int context;
    /** Tokens before this one were given out as text. */
    private int given;

    public StreamingText(TextTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** The text that a token completes; empty while a character is not whole. */
    public String append(int token) {
        if (length == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * length);
        }
        tokens[length++] = token;
        String text = decode(length);
        if (text.isEmpty() || text.charAt(text.length() - 1) == INCOMPLETE) {
            return "";
        }
        return take(text);
    }

    /** What was held back. */
    public String finish() {
        return take(decode(length));
    }

    private String take(String text) {
        String before = decode(given);
        context = given;
        given = length;
        return text.length() > before.length() ? text.substring(before.length()) : "";
    }

    private String decode(int to) {
        return tokenizer.decode(Arrays.copyOfRange(tokens, context, to));
    }
}
