package dev.respec.scorer.reward;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the final answer of a worked response. In this order: the last {@code \boxed{…}} with matched braces; the
 * number after the last {@code ####}; the first number after the last "answer is" or "answer:"; the last number.
 */
final class FinalAnswer {
    private static final String BOXED = "\\boxed{";
    private static final String INTEGER = "(?:\\d{1,3}(?:,\\d{3})+(?!\\d)|\\d+)";
    private static final String PLAIN = "\\$?(?:%s(?:\\.\\d+)?|\\.\\d+)".formatted(INTEGER);
    private static final String PART = "(?:\\d|\\{-?(?:\\d+|\\\\[dt]?frac\\{\\d+}\\{\\d+})})";
    private static final String LATEX = "\\d*\\\\[dt]?frac%s%s".formatted(PART, PART);
    private static final Pattern NUMBER =
            Pattern.compile("(?<![\\d.])-?(?:%s|%s(?:/\\d+)?)(?:\\\\?%%)?".formatted(LATEX, PLAIN));
    private static final Pattern HASHES = Pattern.compile("####\\s*(?=[-$.\\d])");
    private static final Pattern ANNOUNCED = Pattern.compile("(?i)\\banswer\\b\\s*(?:is|:|=)[:\\s]*");

    private FinalAnswer() {}

    /** Text of the answer; empty where there is none. */
    static Optional<String> in(String response) {
        int box = response.lastIndexOf(BOXED);
        if (box >= 0) {
            return braced(response, box + BOXED.length());
        }
        int hashes = endOfLast(HASHES, response);
        if (hashes >= 0) {
            return firstNumber(response, hashes);
        }
        int announced = endOfLast(ANNOUNCED, response);
        Optional<String> number = announced >= 0 ? firstNumber(response, announced) : Optional.empty();
        return number.isPresent() ? number : lastNumber(response);
    }

    private static Optional<String> braced(String text, int start) {
        int depth = 1;
        for (int i = start; i < text.length(); i++) {
            char character = text.charAt(i);
            depth += character == '{' ? 1 : character == '}' ? -1 : 0;
            if (depth == 0) {
                return Optional.of(text.substring(start, i));
            }
        }
        return Optional.empty();
    }

    private static int endOfLast(Pattern pattern, String text) {
        int end = -1;
        for (Matcher matcher = pattern.matcher(text); matcher.find(); ) {
            end = matcher.end();
        }
        return end;
    }

    private static Optional<String> firstNumber(String text, int from) {
        Matcher matcher = NUMBER.matcher(text);
        return matcher.find(from) ? Optional.of(matcher.group()) : Optional.empty();
    }

    private static Optional<String> lastNumber(String text) {
        String last = null;
        for (Matcher matcher = NUMBER.matcher(text); matcher.find(); ) {
            last = matcher.group();
        }
        return Optional.ofNullable(last);
    }
}
