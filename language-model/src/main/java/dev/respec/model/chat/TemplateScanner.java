package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a template into text and tags, with the white space handling that transformers asks Jinja for: the newline behind
 * a block goes ({@code trim_blocks}), as does the indentation before it ({@code lstrip_blocks}); {@code -} takes all
 * white space on its side, {@code +} none.
 */
final class TemplateScanner {
    private final String source;
    private final List<Piece> pieces = new ArrayList<>();
    private int at;
    private boolean lineStarting = true;

    private TemplateScanner(String source) {
        this.source = source;
    }

    static List<Piece> scan(String template) {
        String source = template.replace("\r\n", "\n").replace('\r', '\n');
        var scanner = new TemplateScanner(source.endsWith("\n") ? source.substring(0, source.length() - 1) : source);
        while (scanner.at < scanner.source.length()) {
            scanner.next();
        }
        return scanner.pieces;
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
        char sign = open + 2 < source.length() ? source.charAt(open + 2) : ' ';
        text(before(source.substring(at, open), kind, sign));
        at = open + (sign == '-' || sign == '+' ? 3 : 2);
        if (kind == '#') {
            comment(open);
        } else {
            tag(kind == '{' ? Piece.Kind.OUTPUT : Piece.Kind.BLOCK, line(open));
        }
        lineStarting = source.charAt(at - 1) == '\n';
    }

    private boolean isOpening(int index) {
        return source.charAt(index) == '{'
                && index + 1 < source.length()
                && "{%#".indexOf(source.charAt(index + 1)) >= 0;
    }

    private String before(String text, char kind, char sign) {
        if (sign == '-') {
            return text.stripTrailing();
        }
        int lineStart = text.lastIndexOf('\n') + 1;
        boolean indentation =
                (lineStart > 0 || lineStarting) && text.substring(lineStart).isBlank();
        return kind != '{' && sign != '+' && indentation ? text.substring(0, lineStart) : text;
    }

    private void text(String text) {
        if (!text.isEmpty()) {
            pieces.add(new Piece(Piece.Kind.TEXT, text, List.of(), line(at)));
        }
    }

    private void comment(int open) {
        int close = source.indexOf("#}", at);
        if (close < 0) {
            throw new TemplateFault("a comment is not closed").at(line(open));
        }
        char sign = source.charAt(close - 1);
        at = close + 2;
        after(sign, Piece.Kind.BLOCK);
    }

    private void tag(Piece.Kind kind, int line) {
        String close = kind == Piece.Kind.OUTPUT ? "}}" : "%}";
        var tokens = new TokenScanner(source, at, close);
        try {
            tokens.scan();
        } catch (TemplateFault e) {
            throw e.at(line);
        }
        at = tokens.end();
        pieces.add(new Piece(kind, "", tokens.tokens(), line));
        after(tokens.closingSign(), kind);
    }

    private void after(char sign, Piece.Kind kind) {
        if (sign == '-') {
            while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
                at++;
            }
        } else if (sign != '+' && kind == Piece.Kind.BLOCK && at < source.length() && source.charAt(at) == '\n') {
            at++;
        }
    }

    private int line(int index) {
        return 1
                + (int) source.substring(0, index)
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
    }
}
