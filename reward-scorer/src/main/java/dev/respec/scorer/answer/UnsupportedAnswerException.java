package dev.respec.scorer.answer;

/** A text is not an answer of a kind that is understood, or working it out would exceed a bound. */
final class UnsupportedAnswerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnsupportedAnswerException(String message) {
        super(message, null, false, false);
    }
}
