package dev.respec.model.chat;

import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Tokens inside a tag: names, numbers, strings and symbols, as Jinja's lexer reads them. */
final class TagLexer {
    private static final List<String> SYMBOLS = List.of(
            "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<",
            "=", ".", ":", "|", ",", ";");
    private static final Pattern FLOAT = Pattern.compile(
            "(?<!\\.)(?:\\d+_)*\\d+(?:(?:\\.(?:\\d+_)*\\d+)?[eE][+\\-]?(?:\\d+_)*\\d+|\\.(?:\\d+_)*\\d+)");
    private static final Pattern INTEGER =
            Pattern.compile("0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\\da-fA-F])+|[1-9](?:_?\\d)*|0(?:_?0)*");

    private final String source;
    private final IntUnaryOperator lineOf;
    private final List<Token> tokens;
    private final Deque<Character> brackets = new ArrayDeque<>();
    private int at;

    /** @param tokens receives what is read */
    TagLexer(String source, int from, IntUnaryOperator lineOf, List<Token> tokens) {
        this.source = source;
        this.at = from;
        this.lineOf = lineOf;
        this.tokens = tokens;
    }

    boolean isBalanced() {
        return brackets.isEmpty();
    }

    /** Where the next token begins. */
    int skipSpace() {
        while (at < source.length() && PythonStrings.isSpace(source.charAt(at))) {
            at++;
        }
        return at;
    }

    void next() {
        char c = source.charAt(at);
        if (c >= '0' && c <= '9') {
            number();
        } else if (isNamePart(source.codePointAt(at))) {
            name();
        } else if (c == '"' || c == '\'') {
            string(c);
        } else {
            symbol();
        }
    }

    private static boolean isNamePart(int c) {
        return c == '_' || Character.isLetterOrDigit(c) || Character.getType(c) == Character.NON_SPACING_MARK;
    }

    private void number() {
        Matcher real = matcher(FLOAT);
        if (real.lookingAt()) {
            String digits = real.group().replace("_", "");
            add(Token.Kind.NUMBER, real.group(), Double.valueOf(digits));
            return;
        }
        Matcher whole = matcher(INTEGER);
        if (!whole.lookingAt()) {
            throw fault("unexpected character '" + source.charAt(at) + "'");
        }
        add(
                Token.Kind.NUMBER,
                whole.group(),
                Numbers.integer(integer(whole.group().replace("_", ""))));
    }

    private Matcher matcher(Pattern pattern) {
        return pattern.matcher(source).region(at, source.length()).useTransparentBounds(true);
    }

    private static BigInteger integer(String digits) {
        char base = digits.length() > 1 ? Character.toLowerCase(digits.charAt(1)) : ' ';
        int radix = base == 'b' ? 2 : base == 'o' ? 8 : base == 'x' ? 16 : 10;
        return new BigInteger(radix == 10 ? digits : digits.substring(2), radix);
    }

    private void name() {
        int to = at;
        while (to < source.length() && isNamePart(source.codePointAt(to))) {
            to += Character.charCount(source.codePointAt(to));
        }
        add(Token.Kind.NAME, source.substring(at, to), null);
    }

    private void symbol() {
        for (String symbol : SYMBOLS) {
            if (source.startsWith(symbol, at)) {
                balance(symbol.charAt(0));
                add(Token.Kind.SYMBOL, symbol, null);
                return;
            }
        }
        throw fault("unexpected character '" + Character.toString(source.codePointAt(at)) + "'");
    }

    private void balance(char c) {
        int opening = "([{".indexOf(c);
        if (opening >= 0) {
            brackets.push(")]}".charAt(opening));
        } else if (")]}".indexOf(c) >= 0 && (brackets.isEmpty() || brackets.pop() != c)) {
            throw fault("unexpected '" + c + "'");
        }
    }

    private void string(char quote) {
        int to = at + 1;
        while (to < source.length() && source.charAt(to) != quote) {
            to += source.charAt(to) == '\\' ? 2 : 1;
        }
        if (to >= source.length()) {
            throw fault("a string is not closed by " + quote);
        }
        String text;
        try {
            text = new StringLiteral(source.substring(at + 1, to)).text();
        } catch (TemplateFault e) {
            throw e.at(lineOf.applyAsInt(at));
        }
        tokens.add(new Token(Token.Kind.STRING, text, null, lineOf.applyAsInt(at)));
        at = to + 1;
    }

    private void add(Token.Kind kind, String text, @Nullable Object value) {
        tokens.add(new Token(kind, text, value, lineOf.applyAsInt(at)));
        at += text.length();
    }

    private TemplateFault fault(String message) {
        return new TemplateFault(message).at(lineOf.applyAsInt(at));
    }
}
