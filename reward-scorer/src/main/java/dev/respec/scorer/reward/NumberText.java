package dev.respec.scorer.reward;

import java.util.regex.Pattern;

/** Takes from a LaTeX number what does not change its value: spacing, fonts, brackets, units, a leading {@code x=}. */
final class NumberText {
    private static final Pattern SPACING = Pattern.compile("\\\\[!,;:> ]|\\\\(?:left|right|displaystyle)|[\\x00\\s~]+");
    private static final Pattern SEVERAL = Pattern.compile("\\d,?\\s+\\d");
    private static final Pattern FONT_AROUND_NUMBER =
            Pattern.compile("\\\\(?:text|textbf|mathbf|mathrm|boldsymbol)\\{\\s*([-+$0-9.,/%]+)\\s*}");
    private static final Pattern UNIT =
            Pattern.compile("(?:\\\\(?:text|textbf|mathrm|mbox)\\{[^{}]*}|(?<=[\\d ])[a-zA-Z]+|\\^\\{?\\\\circ}?)"
                    + "(?:\\^(?:\\d|\\{\\d}))?$");
    private static final Pattern ASSIGNMENT = Pattern.compile("^[a-zA-Z] ?=");

    private NumberText() {}

    /** The number without decoration; two numbers with white space between stay apart, and are then no number. */
    static String normalise(String text) {
        String number = FONT_AROUND_NUMBER.matcher(text.strip()).replaceAll("$1");
        if (SEVERAL.matcher(number).find()) {
            return number;
        }
        number = SPACING.matcher(number.replace("{,}", ",").replace("\\$", "$"))
                .replaceAll(" ")
                .strip();
        number = stripped(number, '$', '$');
        number = UNIT.matcher(number).replaceFirst("").strip();
        number = ASSIGNMENT.matcher(number).replaceFirst("").replace(" ", "");
        return withoutBrackets(number);
    }

    private static String withoutBrackets(String text) {
        String inner = stripped(stripped(text, '{', '}'), '(', ')');
        return inner.equals(text) ? text : withoutBrackets(inner);
    }

    private static String stripped(String text, char opening, char closing) {
        boolean wrapped = text.length() > 1 && text.charAt(0) == opening && text.charAt(text.length() - 1) == closing;
        return wrapped ? text.substring(1, text.length() - 1).strip() : text;
    }
}
