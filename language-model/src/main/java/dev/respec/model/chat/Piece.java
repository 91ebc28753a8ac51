package dev.respec.model.chat;

import java.util.List;

/**
 * A part of a template between two tags, or a tag.
 *
 * @param text of {@link Kind#TEXT}
 * @param tokens of the others
 */
record Piece(Kind kind, String text, List<Token> tokens, int line) {
    enum Kind {
        TEXT,
        /** {@code {{ … }}}. */
        OUTPUT,
        /** {@code {% … %}}. */
        BLOCK
    }
}
