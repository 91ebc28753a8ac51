package dev.respec.scorer.reward;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The boxes of a response.
 *
 * @param found whether there is any that is not empty
 * @param last content of the last one that is not empty; empty if its braces do not close
 */
record Boxes(boolean found, Optional<String> last) {
    private static final Pattern BOX = Pattern.compile("\\\\(?:boxed|fbox)(?![a-zA-Z])\\s*");
    private static final Pattern UNBRACED = Pattern.compile("-?\\d[\\d,]*(?:\\.\\d+)?|\\\\[a-zA-Z]+|[a-zA-Z]");
    private static final Pattern BEHIND = Pattern.compile("\\s*(\\\\?%|\\^\\{?\\\\circ}?)");
    private static final Pattern INVISIBLE = Pattern.compile("\\\\[hv]?phantom\\s*\\{[^{}]*}|[\\s{}$]|\\\\[,;:! ]");

    static Boxes in(String text) {
        Boxes boxes = new Boxes(false, Optional.empty());
        int from = 0;
        for (Matcher box = BOX.matcher(text); box.find(from); ) {
            int start = box.end();
            boolean braced = start < text.length() && text.charAt(start) == '{';
            int end = braced ? closing(text, start) : unbraced(text, start);
            if (end < 0) {
                return new Boxes(true, Optional.empty());
            }
            String content = braced ? text.substring(start + 1, end - 1) : text.substring(start, end);
            if (!INVISIBLE.matcher(content).replaceAll("").isEmpty()) {
                boxes = new Boxes(true, Optional.of(content + behind(text, end)));
            }
            from = end;
        }
        return boxes;
    }

    /** The index past the brace that closes the one at {@code start}; -1 if none does. */
    private static int closing(String text, int start) {
        int depth = 0;
        for (int i = start; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character == '\\') {
                i++;
            } else {
                depth += character == '{' ? 1 : character == '}' ? -1 : 0;
                if (depth == 0) {
                    return i + 1;
                }
            }
        }
        return -1;
    }

    private static int unbraced(String text, int start) {
        Matcher token = UNBRACED.matcher(text).region(start, text.length());
        return token.lookingAt() ? token.end() : start;
    }

    /** A percent or degree sign right behind the box belongs to the answer. */
    private static String behind(String text, int end) {
        Matcher sign = BEHIND.matcher(text).region(end, text.length());
        return sign.lookingAt() ? sign.group(1) : "";
    }
}
