package dev.respec.scorer.reward;

/** Text made fit for an error line. */
final class Text {
    private static final int MOST_CHARACTERS = 80;

    private Text() {}

    static String shorten(String text) {
        return text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS) + "…";
    }
}
