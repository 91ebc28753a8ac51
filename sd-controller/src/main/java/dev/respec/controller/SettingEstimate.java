package dev.respec.controller;

import dev.respec.speculation.Setting;

/**
 * What is believed of a setting at one batch.
 *
 * @param gain tokens per second over plain decoding's; exactly 1 for off
 * @param doubt standard deviation of ln(gain / gain of the setting in force)
 * @param acceptanceLength tokens that a sequence emits per verify step
 * @param samples sequence steps behind the acceptance length
 */
record SettingEstimate(Setting setting, double gain, double doubt, double acceptanceLength, double samples) {}
