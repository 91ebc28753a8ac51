package dev.respec.ops.exports.run;

import java.nio.file.Path;
import java.util.SortedMap;

/**
 * What a finished run leaves.
 *
 * @param results final numbers by name
 * @param checkpoints folders by name
 */
public record RunOutcome(SortedMap<String, Double> results, SortedMap<String, Path> checkpoints) {}
