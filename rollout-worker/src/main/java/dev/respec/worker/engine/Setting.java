package dev.respec.worker.engine;

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

    public boolean isOff() {
        return draftLength == 0;
    }

    @Override
    public String toString() {
        return isOff() ? "off" : drafter + "/" + draftLength;
    }
}
