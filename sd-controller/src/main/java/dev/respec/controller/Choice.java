package dev.respec.controller;

import dev.respec.speculation.Setting;

/**
 * The setting of one bucket.
 *
 * @param since when it was chosen, milliseconds since the epoch; 0 lets it be left at once
 */
record Choice(Setting setting, long since, Reason reason, double gain, double acceptanceLength) {
    static final Choice NO_DATA = new Choice(Setting.OFF, 0, Reason.NO_DATA, 1, 1);

    static Choice of(SettingEstimate estimate, long since, Reason reason) {
        return new Choice(estimate.setting(), since, reason, estimate.gain(), estimate.acceptanceLength());
    }

    /** Time of a step over plain decoding's. */
    double cost() {
        return acceptanceLength / gain;
    }

    /** The same setting with what is now believed of it. */
    Choice renewed(SettingEstimate estimate, Reason why) {
        return of(estimate, since, why);
    }
}
