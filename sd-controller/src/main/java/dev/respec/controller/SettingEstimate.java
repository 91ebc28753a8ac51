package dev.respec.controller;

/**
 * What is believed of a setting at one batch.
 *
 * @param gain tokens per second over plain decoding's; exactly 1 for off
 * @param optimisticGain the same if what is not known well turns out good
 * @param acceptanceLength tokens a sequence emits a verify step
 * @param samples sequence steps behind the acceptance length
 */
record SettingEstimate(Setting setting, double gain, double optimisticGain, double acceptanceLength, double samples) {}
