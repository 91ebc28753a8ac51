package dev.respec.model.chat;

import java.util.List;

/** Tokens of one tag, read once. */
final class TokenStream {
    private final List<Token> tokens;
    private int at;

    TokenStream(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token peek() {
        return tokens.get(at);
    }

    Token peek(int ahead) {
        return tokens.get(Math.min(at + ahead, tokens.size() - 1));
    }

    Token next() {
        Token token = tokens.get(at);
        at = Math.min(at + 1, tokens.size() - 1);
        return token;
    }

    /** Reads this symbol or name if it comes next. */
    boolean accept(String text) {
        if (peek().is(text)) {
            next();
            return true;
        }
        return false;
    }

    void expect(String text) {
        if (!accept(text)) {
            throw new TemplateFault("expected '" + text + "', found '" + peek().text() + "'");
        }
    }

    String name() {
        if (peek().kind() != Token.Kind.NAME) {
            throw new TemplateFault("expected a name, found '" + peek().text() + "'");
        }
        return next().text();
    }

    boolean atEnd() {
        return peek().kind() == Token.Kind.END;
    }

    void expectEnd() {
        if (!atEnd()) {
            throw new TemplateFault("unexpected '" + peek().text() + "'");
        }
    }
}
