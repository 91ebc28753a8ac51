package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Python's operations on text, whose unit is the code point. */
final class PythonStrings {
    private static final String LINE_ENDS = "\n\r\u000b\f\u001c\u001d\u001e\u0085\u2028\u2029";

    private PythonStrings() {}

    /** {@code str.isspace} of a character. */
    static boolean isSpace(int c) {
        return (c >= 9 && c <= 13)
                || (c >= 0x1c && c <= 0x20)
                || c == 0x85
                || c == 0xa0
                || c == 0x1680
                || (c >= 0x2000 && c <= 0x200a)
                || c == 0x2028
                || c == 0x2029
                || c == 0x202f
                || c == 0x205f
                || c == 0x3000;
    }

    static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        };
    }

    static boolean isCased(int c) {
        return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
    }

    /** Order by code points. */
    static int compare(String left, String right) {
        int[] a = left.codePoints().toArray();
        int[] b = right.codePoints().toArray();
        return java.util.Arrays.compare(a, b);
    }

    static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }

    static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    /** @param characters those to strip; null for white space */
    static String stripLeading(String text, @Nullable String characters) {
        int from = 0;
        while (from < text.length() && isStripped(text.codePointAt(from), characters)) {
            from += Character.charCount(text.codePointAt(from));
        }
        return text.substring(from);
    }

    /** @param characters those to strip; null for white space */
    static String stripTrailing(String text, @Nullable String characters) {
        int to = text.length();
        while (to > 0 && isStripped(text.codePointBefore(to), characters)) {
            to -= Character.charCount(text.codePointBefore(to));
        }
        return text.substring(0, to);
    }

    static String strip(String text, @Nullable String characters) {
        return stripTrailing(stripLeading(text, characters), characters);
    }

    private static boolean isStripped(int c, @Nullable String characters) {
        return characters == null ? isSpace(c) : characters.indexOf(c) >= 0;
    }

    /** Fields between runs of white space, at most so many cuts; negative is without bound. */
    static List<@Nullable Object> splitAtSpace(String text, long cuts) {
        List<@Nullable Object> parts = new ArrayList<>();
        String rest = stripLeading(text, null);
        while (!rest.isEmpty()) {
            int end = 0;
            while (end < rest.length() && !isSpace(rest.charAt(end))) {
                end++;
            }
            if (cuts >= 0 && parts.size() >= cuts) {
                // the field that is not cut keeps the white space behind it
                parts.add(rest);
                return parts;
            }
            parts.add(rest.substring(0, end));
            rest = stripLeading(rest.substring(end), null);
        }
        return parts;
    }

    static List<@Nullable Object> splitAtSpaceFromRight(String text, long cuts) {
        List<@Nullable Object> parts = new ArrayList<>();
        String rest = stripTrailing(text, null);
        while (!rest.isEmpty()) {
            int begin = rest.length();
            while (begin > 0 && !isSpace(rest.charAt(begin - 1))) {
                begin--;
            }
            if (cuts >= 0 && parts.size() >= cuts) {
                parts.add(0, rest);
                return parts;
            }
            parts.add(0, rest.substring(begin));
            rest = stripTrailing(rest.substring(0, begin), null);
        }
        return parts;
    }

    static List<@Nullable Object> split(String text, String separator, long cuts) {
        requireSeparator(separator);
        List<@Nullable Object> parts = new ArrayList<>();
        int from = 0;
        for (int at = text.indexOf(separator);
                at >= 0 && (cuts < 0 || parts.size() < cuts);
                at = text.indexOf(separator, from)) {
            parts.add(text.substring(from, at));
            from = at + separator.length();
        }
        parts.add(text.substring(from));
        return parts;
    }

    static List<@Nullable Object> splitFromRight(String text, String separator, long cuts) {
        requireSeparator(separator);
        List<@Nullable Object> parts = new ArrayList<>();
        int to = text.length();
        while (cuts < 0 || parts.size() < cuts) {
            int at = text.lastIndexOf(separator, to - separator.length());
            if (at < 0 || to - separator.length() < 0) {
                break;
            }
            parts.add(0, text.substring(at + separator.length(), to));
            to = at;
        }
        parts.add(0, text.substring(0, to));
        return parts;
    }

    private static void requireSeparator(String separator) {
        if (separator.isEmpty()) {
            throw new TemplateFault("split: the separator is empty");
        }
    }

    static List<String> lines(String text, boolean keepEnds) {
        List<String> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            if (LINE_ENDS.indexOf(text.charAt(i)) >= 0) {
                int end = text.startsWith("\r\n", i) ? i + 2 : i + 1;
                lines.add(text.substring(from, keepEnds ? end : i));
                from = end;
                i = end - 1;
            }
        }
        if (from < text.length()) {
            lines.add(text.substring(from));
        }
        return lines;
    }

    /** At most so many replacements; negative is all. */
    static String replace(String text, String old, String replacement, long most) {
        if (most < 0) {
            return text.replace(old, replacement);
        }
        var out = new StringBuilder();
        int from = 0;
        for (long done = 0; done < most; done++) {
            int at = text.indexOf(old, from);
            if (at < 0) {
                break;
            }
            out.append(text, from, at).append(replacement);
            from = at + old.length();
            if (old.isEmpty()) {
                if (at == text.length()) {
                    break;
                }
                from = text.offsetByCodePoints(at, 1);
                out.append(text, at, from);
            }
        }
        return out.append(text.substring(from)).toString();
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.offsetByCodePoints(0, 1);
        return titleCase(text.codePointAt(0))
                + lower("a" + text.substring(first)).substring(1);
    }

    private static String titleCase(int c) {
        int title = Character.toTitleCase(c);
        String upper = upper(Character.toString(c));
        if (title == c && upper.codePointCount(0, upper.length()) > 1) {
            int second = upper.offsetByCodePoints(0, 1);
            return upper.substring(0, second) + lower(upper.substring(second));
        }
        return Character.toString(title);
    }

    /** {@code str.title}: every run of cased characters begins with a capital. */
    static String title(String text) {
        var out = new StringBuilder();
        boolean inside = false;
        for (int c : text.codePoints().toArray()) {
            out.append(inside ? lower(Character.toString(c)) : titleCase(c));
            inside = isCased(c);
        }
        return out.toString();
    }

    static String swapCase(String text) {
        var out = new StringBuilder();
        text.codePoints().forEach(c -> {
            String one = Character.toString(c);
            out.append(Character.isUpperCase(c) ? lower(one) : Character.isLowerCase(c) ? upper(one) : one);
        });
        return out.toString();
    }

    static boolean all(String text, IntPredicate predicate) {
        return !text.isEmpty() && text.codePoints().allMatch(predicate);
    }

    /** True if there are cased characters and all are of this case. */
    static boolean allCased(String text, IntPredicate other) {
        return text.codePoints().anyMatch(PythonStrings::isCased)
                && text.codePoints().noneMatch(other);
    }

    static boolean isTitle(String text) {
        boolean inside = false;
        boolean any = false;
        for (int c : text.codePoints().toArray()) {
            boolean upper = Character.isUpperCase(c) || Character.isTitleCase(c);
            if ((upper && inside) || (Character.isLowerCase(c) && !inside)) {
                return false;
            }
            inside = isCased(c);
            any |= inside;
        }
        return any;
    }
}
