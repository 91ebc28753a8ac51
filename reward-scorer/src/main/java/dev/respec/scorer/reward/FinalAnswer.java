package dev.respec.scorer.reward;

import dev.respec.scorer.answer.MathAnswer;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the final answer of a worked response. In this order: the last box that holds something; the number after the
 * last {@code ####}; what follows the last "answer is" or "answer:", if it is mathematics or holds a number; the last
 * number; the words after "answer is". A response whose last box is not closed has no answer.
 */
final class FinalAnswer {
    private static final String INTEGER = "(?:\\d{1,3}(?:,\\d{3})+(?!\\d)|\\d+)";
    private static final String PLAIN = "\\$?(?:%s(?:\\.\\d+)?|\\.\\d+)".formatted(INTEGER);
    private static final String PART = "(?:\\d|\\{-?(?:\\d+|\\\\[dt]?frac\\{\\d+}\\{\\d+})})";
    private static final String LATEX = "\\d*\\\\[dt]?frac%s%s".formatted(PART, PART);
    private static final Pattern NUMBER =
            Pattern.compile("(?<![\\d.])-?(?:%s|%s(?:/\\d+)?)(?:\\\\?%%)?".formatted(LATEX, PLAIN));
    private static final Pattern HASHES = Pattern.compile("####[\\s*]*(?=[-$.\\d])");
    private static final Pattern ANNOUNCED = Pattern.compile("(?i)\\banswer\\b\\**\\s*(?:is|:|=)[:\\s*]*");
    private static final Pattern IN_MATH = Pattern.compile(
            "\\$\\$?([^$\\n]{1,400}+)\\$\\$?|\\\\\\(([^\\n]{1,400}?)\\\\\\)|\\\\\\[([^\\n]{1,400}?)\\\\\\]");
    private static final Pattern END_OF_SENTENCE = Pattern.compile("[.!?]*\\**[.!?]*(?:\\s*\\n|\\s+[A-Z]|\\s*$)");
    private static final Pattern NUMBER_AND_WORDS = Pattern.compile("\\d[\\d,.]*\\s.*", Pattern.DOTALL);
    private static final int MOST_CHARACTERS = 400;

    private FinalAnswer() {}

    /** Text of the answer; empty if there is none. */
    static Optional<String> in(String response) {
        Boxes boxes = Boxes.in(response);
        if (boxes.found()) {
            return boxes.last();
        }
        String plain = response.replace('−', '-');
        int hashes = endOfLast(HASHES, plain);
        if (hashes >= 0) {
            return firstNumber(plain, hashes);
        }
        int announced = endOfLast(ANNOUNCED, plain);
        Optional<String> answer = announced >= 0 ? announced(plain, announced) : Optional.empty();
        Optional<String> found = answer.or(() -> lastNumber(plain));
        return found.isPresent() || announced < 0 ? found : sentence(plain, announced);
    }

    /** A formula in math mode or a sentence that is one; else the first number. */
    private static Optional<String> announced(String text, int from) {
        Matcher math = IN_MATH.matcher(text).region(from, text.length());
        if (math.lookingAt()) {
            String formula =
                    math.group(1) != null ? math.group(1) : math.group(2) != null ? math.group(2) : math.group(3);
            boolean money = text.charAt(from) == '$'
                    && NUMBER_AND_WORDS.matcher(formula).matches();
            if (!money && MathAnswer.of(formula).isMathematics()) {
                return Optional.of(formula);
            }
        }
        Optional<String> sentence =
                sentence(text, from).filter(words -> MathAnswer.of(words).isMathematics());
        return sentence.isPresent() ? sentence : firstNumber(text, from);
    }

    private static Optional<String> sentence(String text, int from) {
        Matcher end = END_OF_SENTENCE.matcher(text).region(from, Math.min(text.length(), from + MOST_CHARACTERS));
        return end.find()
                ? Optional.of(text.substring(from, end.start()).replace("*", "").strip())
                : Optional.empty();
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
