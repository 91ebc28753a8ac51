package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.List;

/** Tokens of one tag, up to and including its end. */
final class TokenScanner {
    private static final List<String> SYMBOLS = List.of(
            "==", "!=", "<=", ">=", "//", "**", "<", ">", "=", "+", "-", "*", "/", "%", "~", "|", ".", ",", ":", "(",
            ")", "[", "]", "{", "}");

    private final String source;
    private final String close;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int depth;
    private char closingSign = ' ';

    TokenScanner(String source, int from, String close) {
        this.source = source;
        this.at = from;
        this.close = close;
    }

    List<Token> tokens() {
        return tokens;
    }

    /** Where the text behind the tag begins. */
    int end() {
        return at;
    }

    /** {@code -} or {@code +} before the end of the tag, or a space. */
    char closingSign() {
        return closingSign;
    }

    void scan() {
        while (!closes()) {
            if (at >= source.length()) {
                throw new TemplateFault("a tag is not closed by " + close);
            }
            char c = source.charAt(at);
            if (Character.isWhitespace(c)) {
                at++;
            } else if (c == '"' || c == '\'') {
                string(c);
            } else if (Character.isDigit(c)) {
                run(Token.Kind.NUMBER, true);
            } else if (Character.isJavaIdentifierStart(c)) {
                run(Token.Kind.NAME, false);
            } else {
                symbol();
            }
        }
        tokens.add(new Token(Token.Kind.END, "the end of the tag"));
    }

    private boolean closes() {
        if (depth > 0) {
            return false;
        }
        char c = at < source.length() ? source.charAt(at) : ' ';
        boolean signed = (c == '-' || c == '+') && source.startsWith(close, at + 1);
        if (signed || source.startsWith(close, at)) {
            closingSign = signed ? c : ' ';
            at += close.length() + (signed ? 1 : 0);
            return true;
        }
        return false;
    }

    private void run(Token.Kind kind, boolean decimals) {
        int from = at;
        while (at < source.length() && (Character.isJavaIdentifierPart(source.charAt(at)) || (decimals && isPoint()))) {
            at++;
        }
        tokens.add(new Token(kind, source.substring(from, at)));
    }

    private boolean isPoint() {
        return source.charAt(at) == '.' && at + 1 < source.length() && Character.isDigit(source.charAt(at + 1));
    }

    private void symbol() {
        for (String symbol : SYMBOLS) {
            if (source.startsWith(symbol, at)) {
                tokens.add(new Token(Token.Kind.SYMBOL, symbol));
                at += symbol.length();
                depth += "([{".contains(symbol) ? 1 : ")]}".contains(symbol) ? -1 : 0;
                return;
            }
        }
        throw new TemplateFault("unexpected character '" + source.charAt(at) + "'");
    }

    private void string(char quote) {
        var text = new StringBuilder();
        for (at++; at < source.length() && source.charAt(at) != quote; at++) {
            char c = source.charAt(at);
            if (c == '\\' && at + 1 < source.length()) {
                at++;
                escape(text, source.charAt(at));
            } else {
                text.append(c);
            }
        }
        if (at >= source.length()) {
            throw new TemplateFault("a string is not closed by " + quote);
        }
        at++;
        tokens.add(new Token(Token.Kind.STRING, text.toString()));
    }

    private void escape(StringBuilder text, char c) {
        switch (c) {
            case 'n' -> text.append('\n');
            case 't' -> text.append('\t');
            case 'r' -> text.append('\r');
            case '\\', '\'', '"' -> text.append(c);
            case 'u' -> {
                if (at + 5 > source.length()) {
                    throw new TemplateFault("an escape \\u needs four digits");
                }
                text.append((char) Integer.parseInt(source.substring(at + 1, at + 5), 16));
                at += 4;
            }
            default -> text.append('\\').append(c);
        }
    }
}
