package dev.respec.controller;

import dev.respec.speculation.Setting;

/**
 * What is believed of a setting at one batch.
 *
 * @param gain tokens per second over plain decoding's; exactly 1 for off
 * @param costVariance of ln(step time / step time of the setting in force): pairs of turns reduce it
 * @param acceptanceVariance of ln(acceptance length / that of the setting in force): steps of the setting reduce it
 * @param acceptanceLength tokens that a sequence emits per verify step
 * @param samples sequence steps behind the acceptance length
 */
record SettingEstimate(
        Setting setting,
        double gain,
        double costVariance,
        double acceptanceVariance,
        double acceptanceLength,
        double samples) {

    /** Standard deviation of ln(gain / gain of the setting in force). */
    double doubt() {
        return Math.sqrt(costVariance + acceptanceVariance);
    }

    /** Time of a step over plain decoding's. */
    double cost() {
        return acceptanceLength / gain;
    }
}
