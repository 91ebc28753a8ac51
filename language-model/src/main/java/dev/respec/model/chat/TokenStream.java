package dev.respec.model.chat;

import java.util.List;

/** Tokens of a template, read once. */
final class TokenStream {
    private final List<Token> tokens;
    private int at;

    TokenStream(List<Token> tokens) {
        this.tokens = List.copyOf(tokens);
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

    int line() {
        return peek().line();
    }

    boolean is(Token.Kind kind) {
        return peek().kind() == kind;
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
            throw fault("expected '" + text + "', found " + peek().describe());
        }
    }

    void expect(Token.Kind kind) {
        if (!is(kind)) {
            throw fault("unexpected " + peek().describe());
        }
        next();
    }

    String name() {
        if (!is(Token.Kind.NAME)) {
            throw fault("expected a name, found " + peek().describe());
        }
        return next().text();
    }

    /** A fault at the token that comes next. */
    TemplateFault fault(String message) {
        return new TemplateFault(message).at(line());
    }
}
