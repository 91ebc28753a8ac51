package dev.respec.scorer.answer;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Splits normalised text into tokens. Use once. */
final class Lexer {
    private static final int MOST_TOKENS = 400;
    private static final int MOST_DIGITS = 3000;
    private static final Pattern NUMBER = Pattern.compile("\\d+(?:\\.\\d+)?|\\.\\d+");
    private static final Pattern THOUSANDS = Pattern.compile("\\d{1,3}(?:,\\d{3})+(?![\\d,])(?:\\.\\d+)?");
    private static final Pattern EXPONENT = Pattern.compile("[eE][-+]?\\d+(?![a-zA-Z])");
    private static final Pattern HEXADECIMAL = Pattern.compile("0[xX][0-9a-fA-F]+(?![0-9a-zA-Z])");
    private static final Pattern LETTERS = Pattern.compile("[a-zA-Z]+");
    private static final Pattern SINGLE_DIGIT = Pattern.compile(" ?\\d");
    private static final Set<String> OF_SINGLE_DIGITS =
            Set.of("frac", "dfrac", "tfrac", "cfrac", "binom", "dbinom", "tbinom");
    private static final Pattern VOWEL = Pattern.compile("(?i)[aeiou]");
    private static final Set<String> TEXT = Set.of("text", "textbf", "textit", "textrm", "textnormal", "mbox", "hbox");
    private static final Set<String> FONT = Set.of(
            "mathrm",
            "operatorname",
            "mathbf",
            "mathit",
            "mathsf",
            "mathcal",
            "boldsymbol",
            "bm",
            "vec",
            "boxed",
            "fbox",
            "pmb");
    private static final Set<String> GREEK = Set.of(
            "alpha",
            "beta",
            "gamma",
            "delta",
            "epsilon",
            "varepsilon",
            "zeta",
            "eta",
            "theta",
            "iota",
            "kappa",
            "lambda",
            "mu",
            "nu",
            "xi",
            "rho",
            "sigma",
            "tau",
            "upsilon",
            "phi",
            "varphi",
            "chi",
            "psi",
            "omega",
            "Gamma",
            "Delta",
            "Theta",
            "Lambda",
            "Sigma",
            "Phi",
            "Psi",
            "Omega",
            "ell");
    private static final Map<String, String> SPELLED = Map.ofEntries(
            Map.entry("sqrt", "sqrt"),
            Map.entry("pi", "pi"),
            Map.entry("inf", "infty"),
            Map.entry("infty", "infty"),
            Map.entry("infinity", "infty"),
            Map.entry("oo", "infty"),
            Map.entry("asin", "arcsin"),
            Map.entry("acos", "arccos"),
            Map.entry("atan", "arctan"),
            Map.entry("abs", "abs"));

    private final String text;
    private final boolean thousands;
    private final List<Token> tokens = new ArrayList<>();
    private int position;
    private int brackets;
    private boolean space;

    /** @param thousands whether {@code 1,234} outside brackets is one number */
    Lexer(String text, boolean thousands) {
        this.text = text;
        this.thousands = thousands;
    }

    List<Token> tokens() {
        while (position < text.length()) {
            next();
            if (tokens.size() > MOST_TOKENS) {
                throw new UnsupportedAnswerException("too long");
            }
        }
        return List.copyOf(tokens);
    }

    private void next() {
        char character = text.charAt(position);
        if (character == ' ') {
            space = true;
            position++;
        } else if (character >= '0' && character <= '9' || character == '.' && match(NUMBER) != null) {
            number();
        } else if (character == '\\') {
            command();
        } else if (match(LETTERS) != null) {
            letters();
        } else {
            position++;
            sign(String.valueOf(character));
        }
    }

    private void number() {
        String hexadecimal = take(HEXADECIMAL);
        if (hexadecimal != null && hexadecimal.length() <= 18) {
            add(Token.Kind.NUMBER, new BigInteger(hexadecimal.substring(2), 16).toString());
            return;
        }
        String digits = thousands && brackets == 0 ? take(THOUSANDS) : null;
        digits = digits == null ? take(NUMBER) : digits.replace(",", "");
        if (digits == null || digits.length() > MOST_DIGITS) {
            throw new UnsupportedAnswerException("number too long");
        }
        String exponent = take(EXPONENT);
        add(Token.Kind.NUMBER, exponent == null ? digits : digits + exponent);
    }

    private void command() {
        position++;
        String name = take(LETTERS);
        if (name == null) {
            if (position >= text.length()) {
                throw new UnsupportedAnswerException("ends in a backslash");
            }
            char escaped = text.charAt(position++);
            sign(escaped == '\\' ? "\\\\" : "\\" + escaped);
        } else if (TEXT.contains(name) || FONT.contains(name)) {
            String content = group();
            if (Functions.NAMED.contains(content) || SPELLED.containsKey(content)) {
                add(Token.Kind.COMMAND, SPELLED.getOrDefault(content, content));
            } else if (inline(name, content)) {
                text(content);
            } else {
                add(Token.Kind.WORDS, content.replace("\\", "").strip());
            }
        } else if (name.equals("mathbb") || name.equals("begin") || name.equals("end")) {
            add(Token.Kind.COMMAND, name + " " + group().strip());
        } else {
            add(GREEK.contains(name) ? Token.Kind.LETTER : Token.Kind.COMMAND, name);
            if (OF_SINGLE_DIGITS.contains(name)) {
                singleDigit();
                singleDigit();
            }
        }
    }

    /** {@code \\frac12} takes one digit each. */
    private void singleDigit() {
        String digit = take(SINGLE_DIGIT);
        if (digit != null) {
            add(Token.Kind.NUMBER, digit.strip());
        }
    }

    /** Whether what a font command encloses is mathematics rather than words. */
    private static boolean inline(String command, String content) {
        Matcher letters = LETTERS.matcher(content);
        if (!letters.find() || content.contains("\\") && !content.contains("\\$") && !content.contains("\\%")) {
            return true;
        }
        boolean single = content.strip().length() == 1;
        return FONT.contains(command) && (single || !command.equals("mathrm") && !command.equals("operatorname"))
                || Character.isDigit(content.strip().charAt(0));
    }

    private void text(String content) {
        Lexer inner = new Lexer(content, thousands && brackets == 0);
        inner.space = space;
        tokens.addAll(inner.tokens());
        space = false;
    }

    private String group() {
        while (position < text.length() && text.charAt(position) == ' ') {
            position++;
        }
        if (position >= text.length()) {
            throw new UnsupportedAnswerException("nothing after a font command");
        }
        if (text.charAt(position) != '{') {
            return String.valueOf(text.charAt(position++));
        }
        int depth = 0;
        int start = position + 1;
        for (; position < text.length(); position++) {
            depth += text.charAt(position) == '{' ? 1 : text.charAt(position) == '}' ? -1 : 0;
            if (depth == 0) {
                return text.substring(start, position++);
            }
        }
        throw new UnsupportedAnswerException("unclosed group");
    }

    private void letters() {
        boolean starts = space || tokens.isEmpty();
        String run = take(LETTERS);
        if (run == null) {
            return;
        }
        String spelled = SPELLED.get(run);
        if (spelled != null || Functions.NAMED.contains(run)) {
            add(Token.Kind.COMMAND, spelled == null ? run : spelled);
        } else if (run.length() > 1 && (starts && word(run) || Units.known(run))) {
            add(Token.Kind.WORDS, run);
        } else {
            run.chars().forEach(letter -> add(Token.Kind.LETTER, String.valueOf((char) letter)));
        }
    }

    private static boolean word(String run) {
        return run.length() >= 3 && VOWEL.matcher(run).find() || run.equals("or");
    }

    private void sign(String sign) {
        brackets += sign.equals("(") || sign.equals("[") || sign.equals("\\{") ? 1 : 0;
        brackets -= sign.equals(")") || sign.equals("]") || sign.equals("\\}") ? 1 : 0;
        add(Token.Kind.SIGN, sign);
    }

    private void add(Token.Kind kind, String content) {
        tokens.add(new Token(kind, content, space));
        space = false;
    }

    private @Nullable String match(Pattern pattern) {
        Matcher matcher = pattern.matcher(text).region(position, text.length());
        return matcher.lookingAt() ? matcher.group() : null;
    }

    private @Nullable String take(Pattern pattern) {
        String found = match(pattern);
        position += found == null ? 0 : found.length();
        return found;
    }
}
