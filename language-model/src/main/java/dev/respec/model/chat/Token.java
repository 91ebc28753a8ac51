package dev.respec.model.chat;

import org.jspecify.annotations.Nullable;

/**
 * A token of a template.
 *
 * @param text as written; of {@link Kind#DATA} and {@link Kind#STRING} what it stands for
 * @param value of a number
 */
record Token(Kind kind, String text, @Nullable Object value, int line) {
    enum Kind {
        /** Text between tags. */
        DATA,
        /** <code>{{</code>. */
        OUTPUT_BEGIN,
        OUTPUT_END,
        /** <code>{%</code>. */
        BLOCK_BEGIN,
        BLOCK_END,
        NAME,
        NUMBER,
        STRING,
        SYMBOL,
        END
    }

    /** True for this symbol or name. */
    boolean is(String symbolOrName) {
        return (kind == Kind.NAME || kind == Kind.SYMBOL) && text.equals(symbolOrName);
    }

    String describe() {
        return switch (kind) {
            case OUTPUT_END, BLOCK_END -> "the end of the tag";
            case END -> "the end of the template";
            default -> "'" + text + "'";
        };
    }
}
