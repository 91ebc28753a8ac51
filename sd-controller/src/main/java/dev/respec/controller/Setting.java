package dev.respec.controller;

import dev.respec.schemas.SpeculationSetting;

/**
 * How a verify step drafts.
 *
 * @param drafter "off" drafts nothing
 * @param draftLength most tokens along one path, 0 when off
 * @param branching children of a tree node; 1 is a chain
 * @param verifiedTokens draft tokens one target pass verifies
 */
record Setting(String drafter, int draftLength, int branching, int verifiedTokens) {
    static final Setting OFF = new Setting("off", 0, 1, 0);

    Setting {
        boolean off = drafter.equals("off");
        if (drafter.isBlank() || branching < 1 || draftLength < (off ? 0 : 1) || (off && draftLength > 0)) {
            throw new IllegalArgumentException(
                    "drafter '%s', draft length %d, branching %d: expected a drafter with at least"
                                    .formatted(drafter, draftLength, branching)
                            + " 1 token and branching 1, or 'off' with 0");
        }
    }

    static Setting chain(String drafter, int draftLength) {
        return new Setting(drafter, draftLength, 1, draftLength);
    }

    static Setting of(SpeculationSetting event) {
        return new Setting(event.getDrafter(), event.getDraftLength(), event.getBranching(), event.getVerifiedTokens());
    }

    SpeculationSetting toEvent() {
        return new SpeculationSetting(drafter, draftLength, branching, verifiedTokens);
    }

    boolean isOff() {
        return draftLength == 0;
    }

    /** Whose acceptance by position this setting shares: a chain's does not depend on where it is cut. */
    Family family() {
        return new Family(drafter, branching, branching == 1 ? 0 : verifiedTokens);
    }

    /** Settings that draft the same tokens up to their length. */
    record Family(String drafter, int branching, int treeTokens) {}

    @Override
    public String toString() {
        if (isOff()) {
            return drafter;
        }
        return branching == 1
                ? drafter + ":" + draftLength
                : "%s:%dx%d/%d".formatted(drafter, draftLength, branching, verifiedTokens);
    }
}
