package dev.respec.model.chat;

/** What stands between the quotes of a string, with Python's escapes. */
final class StringLiteral {
    private static final String ESCAPES = "\\'\"abfnrtv";
    private static final String ESCAPED = "\\'\"\u0007\b\f\n\r\t\u000b";

    private final String source;
    private final StringBuilder text = new StringBuilder();
    private int at;

    StringLiteral(String source) {
        this.source = source;
    }

    String text() {
        while (at < source.length()) {
            char c = source.charAt(at++);
            if (c == '\\' && at < source.length()) {
                escape();
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }

    private void escape() {
        int c = source.codePointAt(at);
        at += Character.charCount(c);
        int simple = ESCAPES.indexOf(c);
        if (simple >= 0) {
            text.append(ESCAPED.charAt(simple));
        } else if (c >= '0' && c <= '7') {
            octal();
        } else if (c == 'x' || c == 'u' || c == 'U') {
            text.appendCodePoint(hexadecimal(c == 'x' ? 2 : c == 'u' ? 4 : 8));
        } else if (c == 'N') {
            throw new TemplateFault("the escape \\N{…} is not supported; write the character itself");
        } else if (c != '\n') {
            // Jinja writes characters beyond ASCII as escapes first, so that theirs loses its meaning
            text.append('\\');
            PythonText.appendEscaped(text, c, c < 128);
        }
    }

    private void octal() {
        int from = --at;
        while (at < source.length() && at < from + 3 && source.charAt(at) >= '0' && source.charAt(at) <= '7') {
            at++;
        }
        text.append((char) Integer.parseInt(source.substring(from, at), 8));
    }

    private int hexadecimal(int digits) {
        int to = at + digits;
        if (to > source.length() || !source.substring(at, to).chars().allMatch(c -> Character.digit(c, 16) >= 0)) {
            throw new TemplateFault("an escape needs %d hexadecimal digits".formatted(digits));
        }
        int value = Integer.parseUnsignedInt(source.substring(at, to), 16);
        at = to;
        if (!Character.isValidCodePoint(value)) {
            throw new TemplateFault("an escape is not a character");
        }
        return value;
    }
}
