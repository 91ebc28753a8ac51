package dev.respec.scorer.answer;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A final answer, LaTeX or plain text: numbers, formulas, units, sets, tuples, intervals, matrices, equations, words.
 *
 * <p>Immutable. Reading and comparing take bounded time whatever the text: lengths, depths, digits, exponents and the
 * total work are limited, and what exceeds a limit is compared as text.
 */
public final class MathAnswer {
    private static final int MOST_CHARACTERS = 1_000;
    private static final Pattern CHOICE_WITH_VALUE =
            Pattern.compile("\\\\(?:text|textbf|mathrm|mathbf) ?\\{ ?\\(([A-J])\\) ?} ?(.+)");
    private static final Pattern SINGLE_LETTER = Pattern.compile("[A-J]");

    private final String normalised;
    private final String text;
    private final Optional<Answer> meaning;

    private MathAnswer(String normalised, String text, Optional<Answer> meaning) {
        this.normalised = normalised;
        this.text = text;
        this.meaning = meaning;
    }

    public static MathAnswer of(String text) {
        return read(text, true);
    }

    private static MathAnswer read(String text, boolean thousands) {
        if (text.length() > MOST_CHARACTERS) {
            return new MathAnswer(text, text.strip(), Optional.empty());
        }
        String normalised = AnswerText.normalise(text);
        List<Token> tokens;
        try {
            tokens = new Lexer(normalised, thousands).tokens();
        } catch (UnsupportedAnswerException e) {
            return new MathAnswer(normalised, normalised.replace(" ", ""), Optional.empty());
        }
        return new MathAnswer(normalised, canonical(tokens), meaning(tokens));
    }

    private static Optional<Answer> meaning(List<Token> tokens) {
        try {
            return Optional.of(AnswerParser.parse(tokens));
        } catch (UnsupportedAnswerException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    /** Without spaces, fonts and brackets around a single letter or word; words without regard to case. */
    private static String canonical(List<Token> tokens) {
        String joined = joined(tokens);
        String bare = joined.replaceFirst("^\\(([a-zA-Z]+)\\)$", "$1");
        return bare.matches("[a-zA-Z]{2,}") && !mathematical(tokens) ? bare.toLowerCase(Locale.ROOT) : bare;
    }

    /** Two numbers with a space between them stay two. */
    private static String joined(List<Token> tokens) {
        StringBuilder joined = new StringBuilder();
        Token.Kind before = Token.Kind.END;
        for (Token token : tokens) {
            boolean apart = before == Token.Kind.NUMBER && token.kind() == Token.Kind.NUMBER;
            joined.append(apart ? " " : "").append(token.text().replace(" ", ""));
            before = token.kind();
        }
        return joined.toString();
    }

    private static boolean mathematical(List<Token> tokens) {
        return tokens.stream().noneMatch(token -> token.kind() == Token.Kind.WORDS) && tokens.size() == 2;
    }

    /** Whether the text is mathematics rather than words. */
    public boolean isMathematics() {
        return meaning.isPresent();
    }

    public boolean isBlank() {
        return text.isEmpty();
    }

    public boolean sameAs(MathAnswer other) {
        if (isBlank() || other.isBlank()) {
            return false;
        }
        return text.equals(other.text)
                || sameMeaning(other)
                || sameAsList(other)
                || other.sameAsList(this)
                || chooses(other)
                || other.chooses(this);
    }

    /** {@code \text{(B) }5} is the choice B as well as the value 5. */
    private boolean chooses(MathAnswer other) {
        Matcher choice = CHOICE_WITH_VALUE.matcher(normalised);
        if (!choice.matches()) {
            return false;
        }
        return SINGLE_LETTER.matcher(other.text).matches()
                ? other.text.equals(choice.group(1))
                : !CHOICE_WITH_VALUE.matcher(other.normalised).matches()
                        && of(choice.group(2)).sameAs(other);
    }

    private boolean sameMeaning(MathAnswer other) {
        if (meaning.isEmpty() || other.meaning.isEmpty()) {
            return false;
        }
        try {
            return new Comparison().same(meaning.get(), other.meaning.get());
        } catch (UnsupportedAnswerException | ArithmeticException e) {
            return false;
        }
    }

    /** {@code 100,200} is one number, or a list if the other answer is one. */
    private boolean sameAsList(MathAnswer other) {
        return normalised.indexOf(',') >= 0
                && meaning.orElse(null) instanceof Answer.Quantity
                && other.meaning.orElse(null) instanceof Answer.Unordered
                && read(normalised, false).sameMeaning(other);
    }
}
