package dev.respec.scorer.answer;

import java.math.BigInteger;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Answers as people type them, brought to one spelling: Unicode to LaTeX, spacing and separators of thousands. */
final class AnswerText {
    private static final Map<Character, String> SPELLINGS = Map.ofEntries(
            Map.entry('−', "-"),
            Map.entry('–', "-"),
            Map.entry('—', "-"),
            Map.entry('‐', "-"),
            Map.entry('×', "\\times "),
            Map.entry('·', "\\cdot "),
            Map.entry('⋅', "\\cdot "),
            Map.entry('÷', "/"),
            Map.entry('⁄', "/"),
            Map.entry('∕', "/"),
            Map.entry('±', "\\pm "),
            Map.entry('∓', "\\mp "),
            Map.entry('π', "\\pi "),
            Map.entry('θ', "\\theta "),
            Map.entry('∞', "\\infty "),
            Map.entry('≤', "\\le "),
            Map.entry('≥', "\\ge "),
            Map.entry('≠', "\\ne "),
            Map.entry('≈', "\\approx "),
            Map.entry('∈', "\\in "),
            Map.entry('∪', "\\cup "),
            Map.entry('∅', "\\emptyset "),
            Map.entry('ℝ', "\\mathbb{R}"),
            Map.entry('°', "^\\circ "),
            Map.entry('√', "\\sqrt "),
            Map.entry('²', "^2"),
            Map.entry('³', "^3"),
            Map.entry('½', "\\frac12 "),
            Map.entry('¼', "\\frac14 "),
            Map.entry('¾', "\\frac34 "),
            Map.entry('⅓', "\\frac13 "),
            Map.entry('⅔', "\\frac23 "),
            Map.entry('€', "\\text{euro}"),
            Map.entry('£', "\\text{gbp}"),
            Map.entry('¥', "\\text{yen}"),
            Map.entry('¢', "\\text{cent}"),
            Map.entry('’', "'"),
            Map.entry('“', "\""),
            Map.entry('”', "\""),
            Map.entry('‘', "'"));

    private static final Pattern SPACE =
            Pattern.compile("[\\p{Z}\\s\\x00~]+|(?<!\\\\)\\\\(?:[,;:>! ]|quad\\b|qquad\\b)");
    private static final Pattern THIN_SEPARATOR = Pattern.compile("(?:\\\\!)*(?:\\{,}|\\\\text\\{ *, *})(?:\\\\!)*");
    private static final Pattern COMMA_WITHOUT_SPACE = Pattern.compile("\\\\!,|,\\\\!");
    private static final Pattern SIZE = Pattern.compile(
            "\\\\(?:left|right)\\s*\\.|\\\\(?:left|right|[bB]igg?[lrm]?|displaystyle|textstyle|limits|bf|rm|it|"
                    + "mathstrut)(?![a-zA-Z])");
    private static final Pattern HIDDEN = Pattern.compile("\\\\[hv]?phantom\\s*\\{[^{}]*}");
    private static final Pattern REPEATING =
            Pattern.compile("(\\d{0,40})\\.(\\d{0,40})\\\\(?:overline|bar|dot) ?(?:(\\d)|\\{ ?(\\d{1,40}) ?})");
    private static final Pattern ORDINAL =
            Pattern.compile("(?<=\\d) ?\\^ ?\\{? ?\\\\(?:text|mathrm)\\{ ?(st|nd|rd|th) ?} ?}?");
    private static final Pattern GROUPS_OF_THREE =
            Pattern.compile("(?<![\\d.,])(\\d{1,3}(?: \\d{3})+)(?![\\d/])(?! \\d)");
    private static final Pattern MIXED = Pattern.compile("(?<![\\d./^_}])(\\d+) (\\d+)/(\\d+)(?![\\d.])");

    private AnswerText() {}

    /** Thousands that are certainly such, as in {@code 1{,}000} or {@code 1 000}, lose their separators. */
    static String normalise(String text) {
        StringBuilder spelled = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            boolean fullWidth = character >= '！' && character <= '～';
            String spelling = SPELLINGS.get(character);
            if (spelling != null) {
                spelled.append(spelling);
            } else {
                spelled.append(fullWidth ? (char) (character - '！' + '!') : character);
            }
        }
        String plain = HIDDEN.matcher(spelled).replaceAll("");
        plain = COMMA_WITHOUT_SPACE.matcher(plain).replaceAll("{,}");
        plain = THIN_SEPARATOR.matcher(plain).replaceAll("{,}").replaceAll("(?<=\\d)\\{,}(?=\\d{3}(?!\\d))", "");
        plain = SIZE.matcher(plain.replace("{,}", ",")).replaceAll("");
        plain = SPACE.matcher(plain).replaceAll(" ").strip();
        plain = GROUPS_OF_THREE
                .matcher(plain)
                .replaceAll(found -> found.group(1).replace(" ", ""));
        plain = ORDINAL.matcher(plain).replaceAll("\\\\text{$1}");
        plain = REPEATING.matcher(plain).replaceAll(AnswerText::fraction);
        plain = MIXED.matcher(plain).replaceAll("$1\\\\frac{$2}{$3}");
        return withoutEnds(plain);
    }

    /** 0.1 with 6 repeated is (16 − 1) / 90. */
    private static String fraction(MatchResult decimal) {
        String repeated = decimal.group(3) == null ? decimal.group(4) : decimal.group(3);
        String before = "0" + decimal.group(1) + decimal.group(2);
        BigInteger numerator = new BigInteger(before + repeated).subtract(new BigInteger(before));
        BigInteger denominator = BigInteger.TEN
                .pow(repeated.length())
                .subtract(BigInteger.ONE)
                .multiply(BigInteger.TEN.pow(decimal.group(2).length()));
        return "(" + numerator + "/" + denominator + ")";
    }

    /** Without math delimiters around the whole, quotes, emphasis, and punctuation at the end. */
    private static String withoutEnds(String text) {
        String before;
        String plain = text;
        do {
            before = plain;
            plain = plain.strip();
            plain = unwrapped(plain, "$$", "$$");
            plain = unwrapped(plain, "$", "$");
            plain = unwrapped(plain, "\\(", "\\)");
            plain = unwrapped(plain, "\\[", "\\]");
            plain = unwrapped(plain, "**", "**");
            plain = unwrapped(plain, "\"", "\"");
            if (plain.endsWith(".") || plain.endsWith(",") || plain.endsWith(";")) {
                boolean dots = plain.endsWith("..");
                plain = dots ? plain : plain.substring(0, plain.length() - 1);
            }
        } while (!plain.equals(before));
        return plain;
    }

    private static String unwrapped(String text, String opening, String closing) {
        boolean wrapped = text.length() > opening.length() + closing.length()
                && text.startsWith(opening)
                && text.endsWith(closing)
                && text.indexOf(closing, opening.length()) == text.length() - closing.length()
                && !text.endsWith("\\$");
        return wrapped ? text.substring(opening.length(), text.length() - closing.length()) : text;
    }
}
