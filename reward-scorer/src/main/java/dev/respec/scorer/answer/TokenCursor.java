package dev.respec.scorer.answer;

import java.util.List;

/** A position in a list of tokens. Not thread-safe. */
final class TokenCursor {
    private final List<Token> tokens;
    private int position;

    TokenCursor(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token peek() {
        return peek(0);
    }

    Token peek(int ahead) {
        int at = position + ahead;
        return at < tokens.size() ? tokens.get(at) : new Token(Token.Kind.END, "", false);
    }

    Token next() {
        Token token = peek();
        position++;
        return token;
    }

    boolean atEnd() {
        return position >= tokens.size();
    }

    boolean acceptSign(String text) {
        return accept(peek().isSign(text));
    }

    boolean acceptCommand(String text) {
        return accept(peek().isCommand(text));
    }

    private boolean accept(boolean found) {
        position += found ? 1 : 0;
        return found;
    }

    void expectSign(String text) {
        if (!acceptSign(text)) {
            throw new UnsupportedAnswerException("expected " + text);
        }
    }

    List<Token> rest() {
        return tokens.subList(Math.min(position, tokens.size()), tokens.size());
    }

    int position() {
        return position;
    }

    void moveTo(int target) {
        position = target;
    }
}
