package dev.respec.scorer.answer;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Splits tokens where they are outside all brackets; an interval's brackets may differ. */
final class TokenSplit {
    private static final Set<String> OPENING = Set.of("(", "[", "{", "\\{");
    private static final Set<String> CLOSING = Set.of(")", "]", "}", "\\}");

    private TokenSplit() {}

    static List<List<Token>> at(List<Token> tokens, Predicate<Token> separates) {
        List<List<Token>> parts = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < tokens.size(); i++) {
            depth += step(tokens.get(i));
            if (depth == 0 && separates.test(tokens.get(i))) {
                parts.add(tokens.subList(start, i));
                start = i + 1;
            }
        }
        parts.add(tokens.subList(start, tokens.size()));
        return parts;
    }

    /** The tokens at which {@link #at} splits. */
    static List<Token> separators(List<Token> tokens, Predicate<Token> separates) {
        List<Token> found = new ArrayList<>();
        int depth = 0;
        for (Token token : tokens) {
            depth += step(token);
            if (depth == 0 && separates.test(token)) {
                found.add(token);
            }
        }
        return found;
    }

    /** Whether the first token is a bracket that the last one closes. */
    static boolean isEnclosed(List<Token> tokens) {
        int depth = 0;
        for (int i = 0; i < tokens.size(); i++) {
            depth += step(tokens.get(i));
            if (depth == 0) {
                return i > 0 && i == tokens.size() - 1;
            }
        }
        return false;
    }

    private static int step(Token token) {
        if (token.kind() == Token.Kind.COMMAND) {
            boolean opening = token.text().equals("langle") || token.text().startsWith("begin ");
            boolean closing = token.text().equals("rangle") || token.text().startsWith("end ");
            return opening ? 1 : closing ? -1 : 0;
        }
        boolean sign = token.kind() == Token.Kind.SIGN;
        return sign && OPENING.contains(token.text()) ? 1 : sign && CLOSING.contains(token.text()) ? -1 : 0;
    }
}
