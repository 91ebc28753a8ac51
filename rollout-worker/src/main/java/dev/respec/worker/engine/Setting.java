package dev.respec.worker.engine;

import java.util.regex.Pattern;

/**
 * How a verify step drafts.
 *
 * @param drafter name of the drafter, "off" for plain decoding
 * @param draftLength most tokens proposed for one verify step along one path
 * @param branching children a tree node may have; 1 is a chain
 * @param verifiedTokens draft tokens one target pass verifies
 */
public record Setting(String drafter, int draftLength, int branching, int verifiedTokens) {
    /** Plain decoding. */
    public static final Setting OFF = new Setting("off", 0, 1, 0);

    private static final Pattern TREE = Pattern.compile("([1-9]\\d?)x([1-9]\\d?)/([1-9]\\d{0,2})");

    public Setting {
        boolean off = drafter.equals("off");
        if (off != (draftLength == 0) || draftLength < 0 || branching < 1 || verifiedTokens < draftLength) {
            throw new IllegalArgumentException("no such setting: drafter " + drafter + ", draft length " + draftLength
                    + ", branching " + branching + ", verified tokens " + verifiedTokens);
        }
    }

    public static Setting chain(String drafter, int draftLength) {
        return draftLength == 0 ? OFF : new Setting(drafter, draftLength, 1, draftLength);
    }

    /**
     * Reads a tree as depth x branching / verified tokens, "4x3/12".
     *
     * @throws IllegalArgumentException for another form
     */
    public static Setting tree(String drafter, String shape) {
        var parts = TREE.matcher(shape);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "no tree: " + shape + "; expected depth x branching / tokens, as 4x3/12");
        }
        return new Setting(
                drafter,
                Integer.parseInt(parts.group(1)),
                Integer.parseInt(parts.group(2)),
                Integer.parseInt(parts.group(3)));
    }

    public boolean isOff() {
        return draftLength == 0;
    }

    /** As the command line takes it: {@code off}, {@code suffix:8}, {@code eagle3:4x3/12}. */
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
