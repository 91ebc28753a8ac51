package dev.respec.model.chat;

/** A token inside a tag; of a string, the text without quotes and escapes. */
record Token(Kind kind, String text) {
    enum Kind {
        NAME,
        NUMBER,
        STRING,
        SYMBOL,
        END
    }

    boolean is(String symbolOrName) {
        return kind != Kind.STRING && text.equals(symbolOrName);
    }
}
