package dev.respec.scorer.answer;

/** The degree sign: {@code ^\circ} or {@code ^{\circ}}. */
final class Degrees {
    private Degrees() {}

    /** Whether a degree sign follows the circumflex in front of {@code ahead}. */
    static boolean at(TokenCursor tokens, int ahead) {
        return circle(tokens.peek(ahead))
                || tokens.peek(ahead).isSign("{")
                        && circle(tokens.peek(ahead + 1))
                        && tokens.peek(ahead + 2).isSign("}");
    }

    private static boolean circle(Token token) {
        return token.isCommand("circ") || token.isCommand("degree");
    }

    static void skip(TokenCursor tokens) {
        tokens.expectSign("^");
        boolean group = tokens.acceptSign("{");
        tokens.next();
        if (group) {
            tokens.expectSign("}");
        }
    }
}
