package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a template into text and tags, with the white space handling that transformers asks Jinja for: the newline behind
 * a block goes ({@code trim_blocks}), as does the indentation before it ({@code lstrip_blocks}); {@code -} takes all
 * white space on its side, {@code +} none.
 */
final class TemplateLexer {
    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    private TemplateLexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String template) {
        String source = template.replace("\r\n", "\n").replace('\r', '\n');
        var lexer = new TemplateLexer(source.endsWith("\n") ? source.substring(0, source.length() - 1) : source);
        while (lexer.at < lexer.source.length()) {
            lexer.next();
        }
        lexer.add(Token.Kind.END, "", lexer.at);
        return lexer.tokens;
    }

    private void next() {
        int open = at;
        while (open < source.length() && !isOpening(open)) {
            open++;
        }
        if (open >= source.length()) {
            text(source.substring(at));
            at = source.length();
            return;
        }
        char kind = source.charAt(open + 1);
        char sign = sign(open + 2);
        text(before(source.substring(at, open), kind == '{', sign));
        int raw = kind == '%' ? endOfWordTag(open, "raw", false) : -1;
        at = open + (sign == ' ' ? 2 : 3);
        if (raw >= 0) {
            raw(open, raw);
        } else if (kind == '#') {
            comment(open);
        } else {
            tag(kind == '{', open);
        }
    }

    private boolean isOpening(int index) {
        return source.charAt(index) == '{'
                && index + 1 < source.length()
                && "{%#".indexOf(source.charAt(index + 1)) >= 0;
    }

    private char sign(int index) {
        char c = index < source.length() ? source.charAt(index) : ' ';
        return c == '-' || c == '+' ? c : ' ';
    }

    /** What is left of the text before a tag. */
    private String before(String text, boolean output, char sign) {
        if (sign == '-') {
            return PythonStrings.stripTrailing(text, null);
        }
        int lineStart = text.lastIndexOf('\n') + 1;
        boolean startsLine = lineStart > 0 || at == 0 || source.charAt(at - 1) == '\n';
        boolean indentation = startsLine && text.substring(lineStart).chars().allMatch(PythonStrings::isSpace);
        return !output && sign != '+' && indentation ? text.substring(0, lineStart) : text;
    }

    private void text(String text) {
        if (!text.isEmpty()) {
            add(Token.Kind.DATA, text, at);
        }
    }

    private void add(Token.Kind kind, String text, int index) {
        tokens.add(new Token(kind, text, null, line(index)));
    }

    /** Where the tag of this one word ends that opens here, or -1 if it is another tag. */
    private int endOfWordTag(int open, String word, boolean trimming) {
        int index = skipSpace(open + (sign(open + 2) == ' ' ? 2 : 3));
        if (!source.startsWith(word, index)) {
            return -1;
        }
        index = skipSpace(index + word.length());
        if (source.startsWith("-%}", index)) {
            return skipSpace(index + 3);
        }
        if (trimming && source.startsWith("+%}", index)) {
            return index + 3;
        }
        if (source.startsWith("%}", index)) {
            return index + (trimming && source.startsWith("\n", index + 2) ? 3 : 2);
        }
        return -1;
    }

    private void raw(int open, int begin) {
        at = begin;
        for (int i = source.indexOf("{%", begin); i >= 0; i = source.indexOf("{%", i + 1)) {
            int end = endOfWordTag(i, "endraw", true);
            if (end >= 0) {
                text(before(source.substring(begin, i), false, sign(i + 2)));
                at = end;
                return;
            }
        }
        throw new TemplateFault("the tag 'raw' is not closed by endraw").at(line(open));
    }

    private void comment(int open) {
        int close = source.indexOf("#}", at);
        if (close < 0) {
            throw new TemplateFault("a comment is not closed by #}").at(line(open));
        }
        char sign = close > at ? sign(close - 1) : ' ';
        at = after(close + 2, sign, true);
    }

    private void tag(boolean output, int open) {
        add(output ? Token.Kind.OUTPUT_BEGIN : Token.Kind.BLOCK_BEGIN, source.substring(open, open + 2), open);
        String close = output ? "}}" : "%}";
        var inside = new TagLexer(source, at, this::line, tokens);
        while (true) {
            int index = inside.skipSpace();
            char sign = sign(index);
            boolean signed = (sign == '-' || (sign == '+' && !output)) && source.startsWith(close, index + 1);
            if (inside.isBalanced() && (signed || source.startsWith(close, index))) {
                add(output ? Token.Kind.OUTPUT_END : Token.Kind.BLOCK_END, close, index);
                at = after(index + close.length() + (signed ? 1 : 0), signed ? sign : ' ', !output);
                return;
            }
            if (index >= source.length()) {
                throw new TemplateFault("a tag is not closed by " + close).at(line(open));
            }
            inside.next();
        }
    }

    /** Where the text behind a tag begins. */
    private int after(int index, char sign, boolean trimming) {
        if (sign == '-') {
            return skipSpace(index);
        }
        return index + (sign == ' ' && trimming && source.startsWith("\n", index) ? 1 : 0);
    }

    private int skipSpace(int from) {
        int index = from;
        while (index < source.length() && PythonStrings.isSpace(source.charAt(index))) {
            index++;
        }
        return index;
    }

    private int line(int index) {
        return 1
                + (int) source.substring(0, Math.min(index, source.length()))
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
    }
}
