package dev.respec.scorer.answer;

/** A piece of an answer's text. */
record Token(Kind kind, String text, boolean afterSpace) {
    enum Kind {
        /** Digits with at most one point. */
        NUMBER,
        /** A symbol: a letter or a Greek name. */
        LETTER,
        /** A LaTeX command or a named function, without its backslash. */
        COMMAND,
        /** Words, such as a unit. */
        WORDS,
        /** One character of punctuation; {@code \\} for the end of a matrix row. */
        SIGN,
        END
    }

    boolean is(Kind expected, String text) {
        return kind == expected && this.text.equals(text);
    }

    boolean isSign(String text) {
        return is(Kind.SIGN, text);
    }

    boolean isCommand(String text) {
        return is(Kind.COMMAND, text);
    }
}
