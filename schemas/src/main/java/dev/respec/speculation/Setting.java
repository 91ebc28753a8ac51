package dev.respec.speculation;

import java.util.regex.Pattern;

/**
 * How a verify step drafts.
 *
 * @param drafter name of the drafter, "off" for plain decoding
 * @param draftLength most tokens proposed for one verify step along one path; 0 when off
 * @param branching children a tree node may have; 1 is a chain
 * @param verifiedTokens draft tokens one target pass verifies
 */
public record Setting(String drafter, int draftLength, int branching, int verifiedTokens) {
    /** Plain decoding. */
    public static final Setting OFF = new Setting("off", 0, 1, 0);

    private static final Pattern TEXT =
            Pattern.compile("(suffix|eagle3|model):([1-9]\\d{0,2})(?:x([1-9]\\d?)/([1-9]\\d{0,2}))?");
    private static final String FORMS =
            "expected off, suffix:LENGTH, eagle3:LENGTH, eagle3:DEPTHxBRANCHING/TOKENS or model:LENGTH";

    public Setting {
        boolean off = drafter.equals("off");
        if (drafter.isBlank()
                || off != (draftLength == 0)
                || draftLength < 0
                || branching < 1
                || verifiedTokens < draftLength) {
            throw new IllegalArgumentException(
                    ("drafter '%s', draft length %d, branching %d, verified tokens %d: expected 'off' with 0 tokens, or a"
                                    + " drafter with at least 1 and at least as many verified")
                            .formatted(drafter, draftLength, branching, verifiedTokens));
        }
    }

    public static Setting chain(String drafter, int draftLength) {
        return draftLength == 0 ? OFF : new Setting(drafter, draftLength, 1, draftLength);
    }

    /**
     * Reads what {@link #toString()} writes: {@code off}, {@code suffix:8}, {@code eagle3:4x3/12}.
     *
     * @throws IllegalArgumentException for another form
     */
    public static Setting parse(String text) {
        if (text.equals("off")) {
            return OFF;
        }
        var parts = TEXT.matcher(text);
        if (!parts.matches() || parts.group(3) != null && !parts.group(1).equals("eagle3")) {
            throw new IllegalArgumentException("no such setting: " + text + "; " + FORMS);
        }
        int length = Integer.parseInt(parts.group(2));
        return parts.group(3) == null
                ? chain(parts.group(1), length)
                : new Setting(
                        parts.group(1), length, Integer.parseInt(parts.group(3)), Integer.parseInt(parts.group(4)));
    }

    /**
     * Reads a tree without its drafter, as the configuration lists them: {@code 4x3/12}.
     *
     * @throws IllegalArgumentException for another form
     */
    public static Setting tree(String drafter, String shape) {
        Setting setting = parse(drafter + ":" + shape);
        if (!shape.contains("x")) {
            throw new IllegalArgumentException(
                    "no tree: " + shape + "; expected depth x branching / tokens, as 4x3/12");
        }
        return setting;
    }

    public boolean isOff() {
        return draftLength == 0;
    }

    /** Whose acceptance by position this setting shares: a chain's does not depend on where it is cut. */
    public Family family() {
        return new Family(drafter, branching, branching == 1 ? 0 : verifiedTokens);
    }

    /** Settings that draft the same tokens up to their length. */
    public record Family(String drafter, int branching, int treeTokens) {
        /** Whether training publishes new versions of the drafter's weights. */
        public boolean isLearned() {
            return drafter.equals("eagle3");
        }
    }

    /** The form of the command line, of reports and of logs. */
    @Override
    public String toString() {
        if (isOff()) {
            return "off";
        }
        return branching == 1
                ? drafter + ":" + draftLength
                : drafter + ":" + draftLength + "x" + branching + "/" + verifiedTokens;
    }
}
