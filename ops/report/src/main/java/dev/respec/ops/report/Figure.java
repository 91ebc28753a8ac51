package dev.respec.ops.report;

/**
 * A picture with its words.
 *
 * @param body markup of legend and picture
 */
record Figure(String title, String caption, String body) {}
